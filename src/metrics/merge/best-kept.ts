import type { KeptSample } from '../sample.ts'

/** Samples kept whole per series and reason over the whole run, and in all. */
const keptPerSeries = 20
const keptPerRun = 2000

/**
 * Of all kept samples of a run the slowest good ones and the first failed ones of each series. The
 * choice rests on the samples alone, so the order in which windows arrive changes nothing.
 */
export class BestKept {
  readonly #lists = new Map<string, KeptSample[]>()
  #failedDropped = 0

  add(kept: readonly KeptSample[]): void {
    for (const sample of kept) {
      const key = [sample.why, sample.kind, sample.scenario, sample.name].join('\n')
      const list = this.#lists.get(key) ?? []
      if (list.length === 0) this.#lists.set(key, list)
      list.push(sample)
      list.sort(bestFirst)
      if (list.length > keptPerSeries && list.pop()?.why === 'failed') this.#failedDropped += 1
    }
  }

  /** Best of every series first, then the second best of every series, and so on; at most 2,000. */
  list(): { kept: KeptSample[]; failedDropped: number } {
    const keys = [...this.#lists.keys()].sort()
    const ranks = Array.from({ length: keptPerSeries }, (_, rank) => rank)
    const all = ranks.flatMap(rank =>
      keys.flatMap(key => this.#lists.get(key)!.slice(rank, rank + 1)),
    )
    const cut = all.slice(keptPerRun).filter(sample => sample.why === 'failed').length
    return { kept: all.slice(0, keptPerRun), failedDropped: this.#failedDropped + cut }
  }
}

function bestFirst(a: KeptSample, b: KeptSample): number {
  const slower = b.endedAtUs - b.intendedAtUs - (a.endedAtUs - a.intendedAtUs)
  const earlier = a.endedAtUs - b.endedAtUs
  return (
    (a.why === 'slow' ? slower || earlier : earlier || slower) ||
    a.worker - b.worker ||
    a.userId - b.userId ||
    a.iteration - b.iteration
  )
}
