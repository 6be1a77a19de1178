import type { ClientWindow } from '../windows/client-windows.ts'
import { bucketUs } from '../windows/latency.ts'
import type { Weights } from './block-bootstrap.ts'

/** Seconds of a run, [from, to). */
export interface Stretch {
  readonly fromSecond: number
  readonly toSecond: number
}

/** Name of all requests together. */
export const everything = 'all requests'

/** One name in a stretch of one run; every figure is of seconds taken as often as weights say. */
export class Side {
  readonly #requests: Float64Array
  readonly #failures: Float64Array
  /** Smallest first, flat: value in µs, second of the stretch, count. */
  readonly #latencies: Float64Array

  /** `windows` are seconds; one that is missing is a second in which nothing ended. */
  constructor(windows: readonly ClientWindow[], of: Stretch & { readonly name: string }) {
    const seconds = of.toSecond - of.fromSecond
    this.#requests = new Float64Array(seconds)
    this.#failures = new Float64Array(seconds)
    const latencies: [valueUs: number, second: number, count: number][] = []
    for (const window of windows) {
      const second = window.second - of.fromSecond
      if (second < 0 || second >= seconds) continue
      for (const { kind, name, ok, failed } of window.names) {
        if (of.name === everything ? kind !== 'request' : of.name !== name) continue
        this.#requests[second]! += ok.count + failed.count
        this.#failures[second]! += failed.count
        for (const { buckets } of [ok, failed]) {
          for (const [bucket, count] of buckets) latencies.push([bucketUs(bucket), second, count])
        }
      }
    }
    this.#latencies = Float64Array.from(latencies.sort(([one], [other]) => one - other).flat())
  }

  requests(weights?: Weights): number {
    return weighed(this.#requests, weights)
  }

  failures(weights?: Weights): number {
    return weighed(this.#failures, weights)
  }

  /** Nearest rank, µs; NaN when nothing ended. */
  percentileUs(percent: number, weights?: Weights): number {
    let left = Math.ceil((this.requests(weights) * percent) / 100)
    for (let at = 0; at < this.#latencies.length; at += 3) {
      left -= this.#latencies[at + 2]! * (weights?.[this.#latencies[at + 1]!] ?? 1)
      if (left <= 0) return this.#latencies[at]!
    }
    return NaN
  }
}

function weighed(values: Float64Array, weights: Weights | undefined): number {
  let sum = 0
  for (let second = 0; second < values.length; second++) {
    sum += values[second]! * (weights?.[second] ?? 1)
  }
  return sum
}
