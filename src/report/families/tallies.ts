import { Histogram } from '../../metrics/index.ts'
import type { HistogramPoint, Labels, NumberPoint } from './metric-family.ts'

const keyOf = (labels: Labels) => Object.values(labels).join('\n')

/** Numbers by labels; all labels of one tally have the same keys in the same order. */
export class Numbers {
  readonly #byKey = new Map<string, { readonly labels: Labels; value: number }>()

  add(labels: Labels, value: number): void {
    this.#entry(labels).value += value
  }

  set(labels: Labels, value: number): void {
    this.#entry(labels).value = value
  }

  points(): NumberPoint[] {
    return [...this.#byKey.values()].map(({ labels, value }) => ({ labels, value }))
  }

  #entry(labels: Labels): { value: number } {
    const key = keyOf(labels)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const made = { labels, value: 0 }
    this.#byKey.set(key, made)
    return made
  }
}

/** Histograms by labels. */
export class Durations {
  readonly #byKey = new Map<string, HistogramPoint>()

  /** Adds the counts of an encoded histogram. */
  add(labels: Labels, encoded: Uint8Array): void {
    const key = keyOf(labels)
    let point = this.#byKey.get(key)
    if (point === undefined) {
      point = { labels, histogram: new Histogram() }
      this.#byKey.set(key, point)
    }
    point.histogram.mergeEncoded(encoded)
  }

  points(): HistogramPoint[] {
    return [...this.#byKey.values()]
  }
}
