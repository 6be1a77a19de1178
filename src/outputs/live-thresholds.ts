import { ThresholdWatch, type MergedSecond, type ThresholdResult } from '../metrics/index.ts'
import type { OutputPlace } from './output.ts'

/** How the thresholds stand while the run is under way. */
export class LiveThresholds {
  readonly #watches: readonly ThresholdWatch[]
  readonly #warmUpSeconds: number
  #measuredSeconds = 0

  constructor({ thresholds, warmUpUs }: Pick<OutputPlace, 'thresholds' | 'warmUpUs'>) {
    this.#watches = thresholds.map(threshold => new ThresholdWatch(threshold))
    this.#warmUpSeconds = Math.ceil(warmUpUs / 1e6)
  }

  add({ point, windows }: MergedSecond): void {
    const { index } = point
    if (index < this.#warmUpSeconds) return
    this.#measuredSeconds = index + 1 - this.#warmUpSeconds
    for (const watch of this.#watches) watch.addSecond({ index, windows, runningOut: false })
  }

  /** Those that have something to judge: no sample is a failure at the end, and nothing before. */
  results(): ThresholdResult[] {
    const end = { measuredSeconds: this.#measuredSeconds, seenNames: [] }
    return this.#watches
      .map(watch => watch.result(end))
      .filter(({ measured }) => measured !== undefined)
  }
}
