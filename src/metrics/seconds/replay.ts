import { Histogram } from '../histogram.ts'
import type { GeneratorWindow, WindowData } from '../window.ts'
import type { RunSecond, WorkerSecond } from './run-second.ts'

const nothing = new Histogram().encode()
const unknownGenerator: GeneratorWindow = {
  cpuRatio: 0,
  eventLoopUtilization: 0,
  eventLoopDelay: nothing,
  memoryBytes: 0,
}

/**
 * Windows from which a RunAccumulator makes the same totals, timeline and generator figures as from
 * those the second was merged from: the first worker of the second carries all its samples, the
 * others only how busy they were. For a second as it was measured (`seconds` is 1).
 */
export function windowsOfSecond(second: RunSecond): WindowData[] {
  const { index, series, checks, scenarios, kept, keptDropped, foldedNames } = second
  const [first = { worker: 0, windows: 1, ...unknownGenerator }, ...others] = second.generators
  const measured = { series, checks, scenarios, kept, keptDropped, foldedNames }
  const empty = { series: [], checks: [], scenarios: [], kept: [], keptDropped: 0, foldedNames: [] }
  return [
    { index, worker: first.worker, generator: generatorOf(first), ...measured },
    ...others.map(one => {
      return { index, worker: one.worker, generator: generatorOf(one), ...empty }
    }),
  ]
}

function generatorOf(worker: WorkerSecond): GeneratorWindow {
  const { cpuRatio, eventLoopUtilization, eventLoopDelay, memoryBytes } = worker
  return { cpuRatio, eventLoopUtilization, eventLoopDelay, memoryBytes }
}
