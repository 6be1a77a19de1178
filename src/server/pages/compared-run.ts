import { Histogram, type RunSecond } from '../../metrics/index.ts'
import { slicesOf, type ComparedRun, type HistogramSecond } from '../../statistics/index.ts'

/** A stored run as the comparison needs it: a histogram a name and second, all outcomes. */
export function comparedRunOf(run: {
  readonly seconds: readonly RunSecond[]
  readonly model: 'open' | 'closed' | 'mixed'
}): ComparedRun {
  const { seconds } = run
  const last = seconds.at(-1)
  const length = last === undefined ? 0 : last.index + last.seconds
  const overall = emptySeconds(length)
  const names = new Map<string, MutableSecond[]>()
  const drops = Array.from({ length }, () => 0)
  for (const second of seconds) {
    for (const { kind, name, latency, outcome, count } of second.series) {
      if (kind !== 'request') continue
      const own = names.get(name) ?? emptySeconds(length)
      names.set(name, own)
      for (const all of [own, overall]) {
        const slice = all[second.index]!
        slice.latency.mergeEncoded(latency)
        if (outcome === 'failed') slice.failures += count
      }
    }
    for (const one of second.scenarios) {
      for (const count of Object.values(one.drops)) drops[second.index]! += count
    }
  }
  const peak = Math.max(
    0,
    ...seconds.map(one => one.scenarios.reduce((n, { users }) => n + users, 0)),
  )
  return {
    overall: slicesOf(overall, list => Histogram.merged(list)),
    names: new Map(
      [...names].map(([name, all]) => [name, slicesOf(all, list => Histogram.merged(list))]),
    ),
    ...(drops.some(count => count > 0) && { drops }),
    ...(run.model === 'closed' && { closedUsers: peak }),
  }
}

interface MutableSecond extends HistogramSecond<Histogram> {
  failures: number
}

const emptySeconds = (length: number): MutableSecond[] =>
  Array.from({ length }, () => ({ failures: 0, latency: new Histogram() }))
