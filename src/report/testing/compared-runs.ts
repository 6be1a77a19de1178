import { seededRandom } from '../../base/index.ts'
import { Histogram, type RunSecond } from '../../metrics/index.ts'
import type { RecordedRun } from '../comparison/recorded-run.ts'

const nothing = new Histogram().encode()

export interface RecordedOptions {
  readonly id?: string
  /** @default 120 */
  readonly seconds?: number
  /** Requests per second of each name. @default 60 */
  readonly perSecond?: number
  /** Mean latency by name, µs. */
  readonly meansUs?: Readonly<Record<string, number>>
  /** Share of failed orders, 0..1. @default 0 */
  readonly failedRatio?: number
  readonly users?: number
  readonly more?: Partial<RecordedRun>
}

const usualMeans = { 'GET /api/products': 8000, 'POST /api/orders': 40_000 }

/** A closed-model run with exponential latencies around 5 ms + mean; the id is its seed. */
export function recordedRun(options: RecordedOptions = {}): RecordedRun {
  const { id = 'base', seconds = 120, meansUs = usualMeans } = options
  const random = seededRandom(7, id)
  const draw = (count: number, meanUs: number) =>
    Histogram.of(Array.from({ length: count }, () => 5000 + random.exponential(meanUs)))
  const second = (index: number): RunSecond => ({
    ...{ index, seconds: 1, checks: [], generators: [], kept: [], keptDropped: 0, foldedNames: [] },
    scenarios: [
      {
        ...{ scenario: 'shopper', users: options.users ?? 20, drops: {}, startDelay: nothing },
        ...{ iterationsStarted: 60, iterationsCompleted: 60 },
        ...{ iterationsFailed: 0, iterationsInterrupted: 0 },
      },
    ],
    series: Object.entries(meansUs).flatMap(([name, meanUs]) => {
      const count = options.perSecond ?? 60
      const isOrder = name.startsWith('POST')
      const failed = isOrder ? Math.round(count * (options.failedRatio ?? 0)) : 0
      return (['ok', 'failed'] as const).flatMap(outcome => {
        const part = outcome === 'ok' ? count - failed : failed
        if (part === 0) return []
        return [seriesOf({ name, outcome }, draw(part, meanUs))]
      })
    }),
  })
  return {
    id,
    script: 'shop.ts',
    startedAtUnixMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    durationUs: seconds * 1_000_000,
    warmUpUs: 0,
    model: 'closed',
    endState: 'finished',
    invalidReasons: [],
    tags: { branch: 'main' },
    loadstoneVersion: '0.1.0',
    host: 'builder',
    commit: '0123456789abcdef',
    ...options.more,
    seconds: Array.from({ length: seconds }, (_, index) => second(index)),
  }
}

function seriesOf(
  { name, outcome }: { readonly name: string; readonly outcome: 'ok' | 'failed' },
  latency: Histogram,
): RunSecond['series'][number] {
  return {
    ...{ kind: 'request', scenario: 'shopper', name, outcome, count: latency.count },
    ...{ latency: latency.encode(), serviceTime: nothing, statuses: {}, failures: [] },
    ...{ bytesIn: 0, bytesOut: 0, retries: 0 },
  }
}
