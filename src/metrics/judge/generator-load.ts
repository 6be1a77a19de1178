import { Histogram } from '../histogram.ts'
import type { WorkerLoad } from '../validity.ts'
import type { GeneratorWindow, WindowData } from '../window.ts'

/** A worker's event loop busier than this delays what it times. */
export const busyUtilization = 0.85
/** A thread that uses this much of a core has none left. */
export const busyCpuRatio = 0.95

/** What the judge needs to know of one worker. */
export interface WorkerFigures extends WorkerLoad {
  readonly windows: number
  readonly busyLoopWindows: number
  readonly busyCpuWindows: number
}

/** How busy the generator was over the measured windows, a few numbers a worker. */
export class GeneratorLoad {
  readonly eventLoopDelay = new Histogram()
  readonly #workers = new Map<number, Sums>()

  add(window: WindowData): void {
    this.eventLoopDelay.mergeEncoded(window.generator.eventLoopDelay)
    const sums = this.#workers.get(window.worker) ?? new Sums(window.worker)
    this.#workers.set(window.worker, sums)
    sums.add(window.generator)
  }

  /** In the order of the workers' numbers; a worker without a measured window is missing. */
  workers(): WorkerFigures[] {
    return [...this.#workers.values()]
      .map(sums => sums.figures())
      .sort((a, b) => a.worker - b.worker)
  }
}

class Sums {
  readonly #worker: number
  readonly #cpuRatios = new ExactSum()
  readonly #utilizations = new ExactSum()
  #windows = 0
  #busyLoopWindows = 0
  #busyCpuWindows = 0
  #memoryBytes = 0

  constructor(worker: number) {
    this.#worker = worker
  }

  add({ cpuRatio, eventLoopUtilization, memoryBytes }: GeneratorWindow): void {
    this.#windows += 1
    this.#cpuRatios.add(cpuRatio)
    this.#utilizations.add(eventLoopUtilization)
    if (eventLoopUtilization > busyUtilization) this.#busyLoopWindows += 1
    if (cpuRatio > busyCpuRatio) this.#busyCpuWindows += 1
    this.#memoryBytes = Math.max(this.#memoryBytes, memoryBytes)
  }

  figures(): WorkerFigures {
    return {
      worker: this.#worker,
      cpuRatio: this.#cpuRatios.total / this.#windows,
      eventLoopUtilization: this.#utilizations.total / this.#windows,
      memoryBytes: this.#memoryBytes,
      windows: this.#windows,
      busyLoopWindows: this.#busyLoopWindows,
      busyCpuWindows: this.#busyCpuWindows,
    }
  }
}

/** Sums ratios in whole millionths, so that the order of adding changes nothing. */
class ExactSum {
  #millionths = 0

  add(ratio: number): void {
    this.#millionths += Math.round(ratio * 1e6)
  }

  get total(): number {
    return this.#millionths / 1e6
  }
}
