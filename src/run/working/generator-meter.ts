import type { Clock } from '../../base/index.ts'
import { Histogram, type GeneratorWindow } from '../../metrics/index.ts'

/** How often the event loop is asked how late it is. */
const probePeriodUs = 20_000
/** Two readings closer than this describe the same stretch: the second repeats the first. */
const shortestStretchUs = 10_000

/** Measures how busy this thread is: CPU, event loop, memory. One per worker. */
export class GeneratorMeter {
  readonly #clock: Clock
  readonly #loopDelay = new Histogram()
  #cancelProbe: () => void = () => {}
  #sinceUs: number
  #cpuSeconds: number
  #loop = performance.eventLoopUtilization()
  #last: GeneratorWindow = {
    cpuRatio: 0,
    eventLoopUtilization: 0,
    eventLoopDelay: new Histogram().encode(),
    memoryBytes: memoryBytes(),
  }

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceUs = clock.nowUs()
    this.#cpuSeconds = threadCpuSeconds()
    this.#probe()
  }

  /**
   * Figures since the last call (since the meter was made, the first time). A stretch under 10 ms
   * repeats the last figures with an empty delay histogram: that happens when a blocked loop makes
   * several windows close at once.
   */
  take(): GeneratorWindow {
    const nowUs = this.#clock.nowUs()
    const stretchUs = nowUs - this.#sinceUs
    const eventLoopDelay = this.#loopDelay.encode()
    this.#loopDelay.clear()
    if (stretchUs < shortestStretchUs) return { ...this.#last, eventLoopDelay }
    const cpuSeconds = threadCpuSeconds()
    const loop = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop)
    this.#last = {
      cpuRatio:
        cpuSeconds === 0 ? utilization : ((cpuSeconds - this.#cpuSeconds) * 1e6) / stretchUs,
      eventLoopUtilization: utilization,
      eventLoopDelay,
      memoryBytes: memoryBytes(),
    }
    this.#sinceUs = nowUs
    this.#cpuSeconds = cpuSeconds
    this.#loop = loop
    return this.#last
  }

  /** Ends the probe; the meter may not be used after it. */
  stop(): void {
    this.#cancelProbe()
  }

  /**
   * A timer that notes how much later than asked it rings. Its own period is not part of the
   * figure, which node's monitorEventLoopDelay would include.
   */
  #probe(): void {
    const dueUs = this.#clock.nowUs() + probePeriodUs
    this.#cancelProbe = this.#clock.after(probePeriodUs, () => {
      this.#loopDelay.record(Math.max(0, this.#clock.nowUs() - dueUs))
      this.#probe()
    })
  }
}

/** CPU seconds of this thread so far; 0 where Node cannot tell (before 23.9). */
function threadCpuSeconds(): number {
  const newerProcess: Partial<Pick<NodeJS.Process, 'threadCpuUsage'>> = process
  const usage = newerProcess.threadCpuUsage?.()
  if (usage === undefined) return 0
  const { user, system } = usage
  return (user + system) / 1e6
}

/** Heap and buffers of this thread alone. */
function memoryBytes(): number {
  const { heapTotal, external } = process.memoryUsage()
  return heapTotal + external
}
