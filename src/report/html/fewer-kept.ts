import type { KeptSample, RunSecond } from '../../metrics/index.ts'

const failedPerName = 10
const slowPerName = 5

/**
 * The same seconds with fewer samples kept whole: of every name the first that failed and the
 * slowest that did not. Those left out are counted as dropped.
 */
export function withFewerKept(seconds: readonly RunSecond[]): RunSecond[] {
  const wanted = new Set(chosenOf(seconds.flatMap(second => second.kept)))
  return seconds.map(second => {
    const kept = second.kept.filter(sample => wanted.has(sample))
    const failed = (samples: readonly KeptSample[]) =>
      samples.filter(({ why }) => why === 'failed').length
    return {
      ...second,
      kept,
      keptDropped: second.keptDropped + failed(second.kept) - failed(kept),
    }
  })
}

function chosenOf(samples: readonly KeptSample[]): KeptSample[] {
  const byName = Map.groupBy(samples, one => `${one.kind}\n${one.scenario}\n${one.name}`)
  return [...byName.values()].flatMap(list => {
    const failed = list.filter(({ why }) => why === 'failed')
    const slow = list.filter(({ why }) => why === 'slow')
    return [
      ...failed.slice(0, failedPerName),
      ...slow.sort((a, b) => latencyUs(b) - latencyUs(a)).slice(0, slowPerName),
    ]
  })
}

const latencyUs = (sample: KeptSample): number => sample.endedAtUs - sample.intendedAtUs
