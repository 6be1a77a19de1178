import type { ClientWindow } from '../windows/client-windows.ts'
import { resamples, spread, type Weights } from './block-bootstrap.ts'
import { holm, normalTail } from './normal.ts'
import { everything, Side, type Stretch } from './side.ts'

/** What clients care for; 'throughput' is that of exchanges that did not fail. */
export type DamageKind = 'errors' | 'throughput' | 'p50' | 'p95' | 'p99'

/** One figure of one name, beside that of the clean run. */
export interface Difference {
  readonly kind: DamageKind
  /** 'all requests', or a name of the script. */
  readonly name: string
  /** Over the stretch: share of failures, ms, or good ones per second. */
  readonly clean: number
  readonly faulty: number
  /**
   * Errors: the share that came with the fault. Otherwise a ratio, faulty to clean. What the two
   * runs differed by before the fault is taken off.
   */
  readonly estimate: number
  /** 95 %. */
  readonly interval: readonly [low: number, high: number]
  /** Of so much damage by chance, after all tests (Holm). */
  readonly pValue: number
}

/** What clients of a shop with a fault saw worse than those of its clean twin. */
export interface Damage extends Stretch {
  /** No difference is significant and large: nobody could be expected to find anything. */
  readonly silent: boolean
  /** The largest damage; of a silent fault what came closest to being significant. */
  readonly strongest: Difference
  /** All that is significant and large, the largest first. */
  readonly found: readonly Difference[]
  readonly tests: number
}

export interface PairedRuns {
  /** Both by the second. */
  readonly faulty: readonly ClientWindow[]
  readonly clean: readonly ClientWindow[]
  /** When the fault was there, ms since the run began. */
  readonly fault: {
    readonly askedAtMs: number
    readonly setAtMs: number
    readonly clearAskedAtMs: number
    readonly clearedAtMs: number
  }
  readonly seed: number
}

/** Exchanges that waited for the fault to go end so much later. */
const aftermathSeconds = 5

/** Below this a difference would not count even if it were certain; see README.md. */
const large: Readonly<Record<DamageKind, number>> = {
  errors: 0.01,
  throughput: Math.log(1 / 0.9),
  ...{ p50: Math.log(1.5), p95: Math.log(1.5), p99: Math.log(1.5) },
}

/** Standard deviation between two runs of the same thing that no stretch of one run shows. */
const betweenRuns: Readonly<Record<DamageKind, number>> = {
  ...{ errors: 0.002, throughput: 0.02 },
  ...{ p50: 0.1, p95: 0.1, p99: 0.1 },
}

const percents = { p50: 50, p95: 95, p99: 99 } as const
/** So many exchanges are needed in each run, and so many of them beyond a percentile. */
const exchangesMin = 20
const beyondMin = 10
const resampleCount = 200
const significance = 0.05

/** Tests every figure of every name; throws when the clean run has nothing to compare with. */
export function damageOf(runs: PairedRuns): Damage {
  const cleanEnd = (runs.clean.at(-1)?.second ?? -1) + 1
  const fromSecond = Math.floor(runs.fault.setAtMs / 1_000)
  const until = Math.ceil(runs.fault.clearedAtMs / 1_000) + aftermathSeconds
  const during = { fromSecond, toSecond: Math.max(fromSecond, Math.min(until, cleanEnd)) }
  // The first half of the time before warms up.
  const healthy = Math.floor(runs.fault.askedAtMs / 1_000)
  const before = { fromSecond: Math.ceil(healthy / 2), toSecond: healthy }
  const tests = testsOf(runs, during, before)
  if (tests.length === 0) throw new Error('the clean run had no requests while the fault was there')
  const pValues = holm(tests.map(test => normalTail(test.effect / test.error)))
  const rows = tests.map((test, index) => ({ ...test, pValue: pValues[index]! }))
  const found = rows
    .filter(({ pValue, effect, kind }) => pValue < significance && effect >= large[kind])
    .sort((one, other) => other.effect / large[other.kind] - one.effect / large[one.kind])
  // Not by the corrected p-values: most of those are 1.
  const sureness = ({ effect, error }: Test) => effect / error
  const closest = rows.reduce((one, other) => (sureness(other) > sureness(one) ? other : one))
  return {
    ...during,
    silent: found.length === 0,
    strongest: told(found[0] ?? closest),
    found: found.map(told),
    tests: rows.length,
  }
}

/** The effect is what is worse: a difference of shares, or the logarithm of a ratio. */
interface Test {
  readonly kind: DamageKind
  readonly name: string
  readonly clean: number
  readonly faulty: number
  readonly effect: number
  readonly error: number
}

interface Pair {
  readonly faulty: Side
  readonly clean: Side
  readonly seconds: number
  /** Paired: the same seconds of both runs are drawn. */
  readonly draws: readonly Weights[]
}

function testsOf(runs: PairedRuns, during: Stretch, before: Stretch): Test[] {
  const cleared = Math.ceil(runs.fault.clearAskedAtMs / 1_000)
  const there = Math.min(cleared, during.toSecond) - during.fromSecond
  const drawing = { count: resampleCount, seed: runs.seed }
  const draws = resamples([there, lengthOf(during) - there], drawing)
  const usual = resamples([lengthOf(before)], { ...drawing, seed: runs.seed + 1 })
  const healthy = pairOf(runs, { ...before, name: everything }, usual)
  const usually = usualsOf(healthy)
  const names = new Set(runs.clean.flatMap(window => window.names.map(({ name }) => name)))
  return [everything, ...names].flatMap(name => {
    const pair = pairOf(runs, { ...during, name }, draws)
    return kindsOf(pair).map(kind => testOf(kind, name, { pair, usual: usually[kind] }))
  })
}

/** By how much more the faulty run was worse even before the fault, and in each resample. */
interface Usual {
  readonly effect: number
  readonly drawn: readonly number[]
}

/** What is too rare to be known differed as the percentile below it; without any, not at all. */
function usualsOf(healthy: Pair): Readonly<Record<DamageKind, Usual>> {
  const known = kindsOf(healthy)
  const usualOf = (kind: DamageKind, otherwise: Usual = { effect: 0, drawn: [] }): Usual => {
    if (!known.includes(kind)) return otherwise
    const drawn = healthy.draws.map(weights => worse(kind, healthy, weights))
    return { effect: worse(kind, healthy), drawn }
  }
  const p50 = usualOf('p50')
  const p95 = usualOf('p95', p50)
  const p99 = usualOf('p99', p95)
  return { errors: usualOf('errors'), throughput: usualOf('throughput'), p50, p95, p99 }
}

const lengthOf = ({ fromSecond, toSecond }: Stretch) => toSecond - fromSecond

function pairOf(
  runs: PairedRuns,
  of: Stretch & { readonly name: string },
  draws: readonly Weights[],
): Pair {
  const [faulty, clean] = [new Side(runs.faulty, of), new Side(runs.clean, of)]
  return { faulty, clean, seconds: lengthOf(of), draws }
}

/**
 * What there are enough exchanges for. Failures that neither run has cannot be significant, so they
 * are no test that others would have to be corrected for (Tarone).
 */
function kindsOf({ faulty, clean }: Pair): DamageKind[] {
  const fewer = Math.min(faulty.requests(), clean.requests())
  const failures = faulty.failures() + clean.failures()
  const latencies = (['p50', 'p95', 'p99'] as const).filter(
    kind => fewer * (1 - percents[kind] / 100) >= beyondMin,
  )
  return [
    ...(fewer >= exchangesMin && failures > 0 ? (['errors'] as const) : []),
    ...(clean.requests() >= exchangesMin ? (['throughput'] as const) : []),
    ...latencies,
  ]
}

function testOf(
  kind: DamageKind,
  name: string,
  { pair, usual }: { readonly pair: Pair; readonly usual: Usual },
): Test {
  const drawn = pair.draws.map((weights, index) => {
    return worse(kind, pair, weights) - (usual.drawn[index] ?? 0)
  })
  const independent = kind === 'errors' ? shareError(pair) : 0
  return {
    ...{ kind, name },
    ...{ clean: figure(kind, pair.clean, pair), faulty: figure(kind, pair.faulty, pair) },
    effect: worse(kind, pair) - usual.effect,
    // Never surer than exchanges that have nothing to do with each other would make it. What the
    // runs differed by before may have gone since, so half of it counts as doubt.
    error: Math.hypot(
      Math.max(spread(drawn), independent),
      ...[betweenRuns[kind], usual.effect / 2],
    ),
  }
}

/** How much worse the faulty side is. */
function worse(kind: DamageKind, { faulty, clean }: Pair, weights?: Weights): number {
  if (kind === 'errors') return errorShare(faulty, weights) - errorShare(clean, weights)
  if (kind === 'throughput') {
    // Half a request more on both sides: nothing at all has no logarithm.
    return Math.log((good(clean, weights) + 0.5) / (good(faulty, weights) + 0.5))
  }
  const percent = percents[kind]
  return Math.log(faulty.percentileUs(percent, weights) / clean.percentileUs(percent, weights))
}

function figure(kind: DamageKind, side: Side, { seconds }: Pair): number {
  if (kind === 'errors') return errorShare(side)
  if (kind === 'throughput') return good(side) / seconds
  return side.percentileUs(percents[kind]) / 1_000
}

const errorShare = (side: Side, weights?: Weights) =>
  side.failures(weights) / Math.max(1, side.requests(weights))

const good = (side: Side, weights?: Weights) => side.requests(weights) - side.failures(weights)

/** Agresti and Caffo: one failure and one success more on each side. */
function shareError({ faulty, clean }: Pair): number {
  const variances = [faulty, clean].map(side => {
    const requests = side.requests() + 2
    const share = (side.failures() + 1) / requests
    return (share * (1 - share)) / requests
  })
  return Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0))
}

function told({ effect, error, kind, ...test }: Test & { readonly pValue: number }): Difference {
  const bounds = [effect - 1.96 * error, effect + 1.96 * error] as const
  const natural = (value: number) => {
    if (kind === 'errors') return rounded(value)
    return rounded(Math.exp(kind === 'throughput' ? -value : value))
  }
  const [low = 0, high = 0] = bounds.map(natural).sort((one, other) => one - other)
  const { name, clean, faulty, pValue } = test
  return {
    ...{ kind, name, clean: rounded(clean), faulty: rounded(faulty) },
    ...{ estimate: natural(effect), interval: [low, high], pValue: Number(pValue.toPrecision(3)) },
  }
}

const rounded = (value: number) => Number(value.toPrecision(4))
