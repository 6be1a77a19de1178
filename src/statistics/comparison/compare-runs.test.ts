import { describe, expect, test } from 'vitest'
import { queueSource } from '../testing/queue-source.ts'
import { queueRun, type QueueOptions } from '../testing/queue.ts'
import { compareRuns } from './compare-runs.ts'
import type { ComparedRun, Measure, NameComparison } from './comparison.ts'

const alike = { deviation: 0.01, freedom: Infinity }
const settings = { runToRun: { p50: alike, p95: alike, p99: alike, errors: alike, drops: alike } }

/** Four servers that are rarely all busy: latencies hardly depend on each other. */
function source(stream: string, more: Partial<QueueOptions> = {}) {
  const options = {
    seconds: 120,
    arrivalsPerSecond: 200,
    serviceUs: 5000,
    servers: 4,
    logDeviation: 0.5,
  }
  return queueSource(queueRun({ seed: 30, stream, ...options, ...more }))
}
const run = (stream: string, more: Partial<QueueOptions> = {}): ComparedRun => ({
  overall: source(stream, more),
  names: new Map(),
})
const measureOf = (name: NameComparison, measure: Measure) =>
  name.measures.find(one => one.measure === measure)!

describe('two runs', () => {
  test('that are the same are equivalent', () => {
    const compared = compareRuns({ base: [run('a')], candidate: [run('b')] }, settings)
    expect(compared.verdict).toBe('equivalent')
    expect(compared.overall.measures.map(({ measure }) => measure)).toEqual([
      'p50',
      'p95',
      'p99',
      'errors',
    ])
    expect(compared.tests).toBe(4)
    expect(compared.overall.shift).toHaveLength(9)
    const p50 = measureOf(compared.overall, 'p50')
    expect(p50.effect!.low).toBeLessThan(p50.candidate / p50.base)
    expect(p50.effect!.high).toBeGreaterThan(p50.candidate / p50.base)
    expect(Math.min(p50.stretches.base, p50.stretches.candidate)).toBeGreaterThanOrEqual(12)
  })

  test('give the same comparison every time', () => {
    const compare = () => compareRuns({ base: [run('a')], candidate: [run('b')] }, settings)
    expect(compare()).toEqual(compare())
  })

  test('differ if one is slower by a fifth, and its deciles say by how much', () => {
    const slow = run('b', { factor: 1.2 })
    const { verdict, overall } = compareRuns({ base: [run('a')], candidate: [slow] }, settings)
    expect(verdict).toBe('regressed')
    expect(measureOf(overall, 'p50').effect!.value).toBeCloseTo(1.2, 1)
    for (const { ratio } of overall.shift) expect(ratio).toBeCloseTo(1.2, 1)
    const back = compareRuns({ base: [slow], candidate: [run('a')] }, settings)
    expect(back.verdict).toBe('improved')
  })

  test('with the assumed variation between runs are never equivalent: one pair cannot tell', () => {
    const { verdict, overall } = compareRuns({ base: [run('a')], candidate: [run('b')] })
    expect(verdict).toBe('inconclusive')
    expect(measureOf(overall, 'p50').reason!.words).toContain('more runs of each would tell')
  })

  test('are surer with several runs a side', () => {
    const runs = (side: string) => ['1', '2', '3', '4', '5', '6'].map(i => run(side + i))
    const { overall, base } = compareRuns({ base: runs('a'), candidate: runs('b') })
    expect(base).toHaveLength(6)
    expect(measureOf(overall, 'p50').verdict).toBe('equivalent')
  })

  test('tell what was thrown away as warm-up', () => {
    const cold = run('a', { coldFactor: 4 })
    const { base } = compareRuns({ base: [cold], candidate: [run('b')] }, settings)
    expect(base[0]!.warmUpSeconds).toBeGreaterThanOrEqual(15)
    expect(base[0]!.warmUpSeconds + base[0]!.steadySeconds).toBe(120)
    expect(base[0]!.requestsPerSecond).toBeGreaterThan(190)
  })

  test('that are too short are inconclusive, and the words say how long they must be', () => {
    const short = (stream: string) => run(stream, { seconds: 40 })
    const compared = compareRuns({ base: [short('a')], candidate: [short('b')] }, settings)
    const { verdict, reason } = measureOf(compared.overall, 'p50')
    expect(verdict).toBe('inconclusive')
    expect(reason!.words).toMatch(/^independent values take 12 stretches of \d+ s, \d+ s after/)
  })

  test('without a single exchange are inconclusive', () => {
    const none = run('a', { arrivalsPerSecond: 1e-9 })
    const compared = compareRuns({ base: [none], candidate: [none] }, settings)
    expect(compared.verdict).toBe('inconclusive')
    expect(measureOf(compared.overall, 'p99').reason!.code).toBe('no samples')
  })

  test('under different loads differ only if the load speaks against it', () => {
    const less = run('b', { arrivalsPerSecond: 150 })
    const equal = compareRuns({ base: [run('a')], candidate: [less] }, settings)
    expect(equal.loads.matched).toBe(false)
    expect(measureOf(equal.overall, 'p50').reason!.code).toBe('loads differ')
    const slow = run('b', { arrivalsPerSecond: 150, factor: 1.3 })
    const slower = compareRuns({ base: [run('a')], candidate: [slow] }, settings)
    expect(measureOf(slower.overall, 'p50')).toMatchObject({ verdict: 'regressed' })
    expect(measureOf(slower.overall, 'p50').note).toMatch(/^although the candidate had 2\d % less/)
  })
})

describe('what is not steady', () => {
  const drifting = (stream: string, factor: number): ComparedRun => {
    const parts = [1, 1.5, 2, 2.5].map((step, i) =>
      source(`${stream}${i}`, { seconds: 30, factor: factor * step }),
    )
    const overall = {
      seconds: 120,
      merged: (from: number, to: number) =>
        parts[Math.floor(from / 30)]!.merged(from % 30, ((to - 1) % 30) + 1),
    }
    return { overall, names: new Map() }
  }

  test('is inconclusive, in words', () => {
    const compared = compareRuns({ base: [run('a')], candidate: [drifting('b', 0.7)] }, settings)
    const { reason } = measureOf(compared.overall, 'p50')
    expect(reason!.code).toBe('not steady')
    expect(reason!.words).toMatch(/^the candidate was not steady: latency drifted by \+\d+ %/)
  })

  test('has regressed all the same if even its fastest stretch is slower than any before', () => {
    const compared = compareRuns({ base: [run('a')], candidate: [drifting('b', 2)] }, settings)
    expect(measureOf(compared.overall, 'p50').verdict).toBe('regressed')
  })
})

describe('failures and drops', () => {
  test('more failures are a regression', () => {
    const failing = run('b', { failAboveUs: 15_000 })
    const compared = compareRuns({ base: [run('a')], candidate: [failing] }, settings)
    const errors = measureOf(compared.overall, 'errors')
    expect(errors.verdict).toBe('regressed')
    expect(errors.effect!.value).toBeCloseTo(errors.candidate, 12)
    expect(measureOf(compared.overall, 'p50').verdict).toBe('equivalent')
  })

  test('dropped arrivals are one, also when they made the load smaller', () => {
    const dropping = { ...run('b', { arrivalsPerSecond: 160 }), drops: Array<number>(120).fill(40) }
    const compared = compareRuns({ base: [run('a')], candidate: [dropping] }, settings)
    const drops = measureOf(compared.overall, 'drops')
    expect(drops.verdict).toBe('regressed')
    expect(drops.candidate).toBeCloseTo(0.2, 1)
    expect(compared.verdict).toBe('regressed')
  })
})

test('names are compared each for itself, in the order of the base', () => {
  const names = (side: string, cartFactor: number, extra: string) =>
    new Map([
      ['browse', source(`${side} browse`)],
      ['cart', source(`${side} cart`, { factor: cartFactor })],
      [extra, source(`${side} extra`)],
    ])
  const base = { overall: source('a'), names: names('a', 1, 'old') }
  const candidate = { overall: source('b'), names: names('b', 1.3, 'new') }
  const compared = compareRuns({ base: [base], candidate: [candidate] }, settings)
  expect(compared.names.map(({ name }) => name)).toEqual(['browse', 'cart'])
  expect(compared.onlyInBase).toEqual(['old'])
  expect(compared.onlyInCandidate).toEqual(['new'])
  const [browse, cart] = compared.names
  expect(measureOf(browse!, 'p50').verdict).toBe('equivalent')
  expect(browse!.shift).toEqual([])
  expect(measureOf(cart!, 'p50').verdict).toBe('regressed')
  expect(cart!.shift).toHaveLength(9)
  expect(compared.verdict).toBe('regressed')
  expect(compared.tests).toBe(12)
})
