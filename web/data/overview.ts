import { Histogram } from '../../src/metrics/index.ts'
import type { FailureKinds, Point } from './point.ts'

/** The figures of a range as a whole, all names together. Grows as seconds come in. */
export class Overview {
  readonly latency = new Histogram()
  readonly startDelay = new Histogram()
  readonly kinds: FailureKinds = { client: 0, server: 0, none: 0, check: 0 }
  seconds = 0
  requests = 0
  failures = 0
  iterations = 0
  iterationsStarted = 0
  drops = 0
  bytesIn = 0
  bytesOut = 0
  /** At the end of the last second. */
  users = 0
  mostUsers = 0

  static of(points: readonly Point[]): Overview {
    const overview = new Overview()
    for (const point of points) overview.add(point)
    return overview
  }

  add(point: Point): void {
    this.latency.mergeEncoded(point.latency)
    this.startDelay.mergeEncoded(point.startDelay)
    for (const kind of ['client', 'server', 'none', 'check'] as const) {
      this.kinds[kind] += point.kinds[kind]
    }
    this.seconds += point.seconds
    this.requests += point.requests
    this.failures += point.failures
    this.iterations += point.iterations
    this.iterationsStarted += point.iterationsStarted
    this.drops += point.drops
    this.bytesIn += point.bytesIn
    this.bytesOut += point.bytesOut
    this.users = point.users
    this.mostUsers = Math.max(this.mostUsers, point.users)
  }
}
