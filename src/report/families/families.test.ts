import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram, secondOf, type SeriesWindow } from '../../metrics/index.ts'
import { anyRunEvent, windowsOf } from '../../metrics/testing/samples.ts'
import { bucketCounts, exponentialBuckets } from './buckets.ts'
import type { MetricFamily } from './metric-family.ts'
import { prometheusText } from './prometheus-text.ts'
import { methodOf, RunFamilies } from './run-families.ts'

const facts = {
  ...({ script: 'shop.ts', model: 'open', workers: 1 } as const),
  ...{ loadstoneVersion: '1.2.3', tags: { 'git-branch': 'main' } },
}

const numbersOf = (families: readonly MetricFamily[], name: string) => {
  const family = families.find(one => one.name === name)
  return family?.kind === 'histogram' ? [] : (family?.points ?? [])
}

const anyLatencyUs = fc.integer({ min: 0, max: 20_000_000 })

test('tags are labels of the run; those with names alike share one and keep their values', () => {
  const tags = { 'git-branch': 'main', 'git.branch': 'next' }
  const [info] = numbersOf(new RunFamilies({ ...facts, tags }).families(), 'loadstone_run_info')
  expect(info?.labels).toEqual({
    ...{ tag_git_branch: 'main;next', script: 'shop.ts', model: 'open', workers: '1' },
    version: '1.2.3',
  })
})

describe('buckets', () => {
  test('count up to a bound what a plain count finds, but for values within 0.1 % of it', () => {
    const bounds = [0.005, 0.1, 2.5]
    fc.assert(
      fc.property(fc.array(anyLatencyUs, { maxLength: 200 }), latenciesUs => {
        const counts = bucketCounts(Histogram.of(latenciesUs), bounds)
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(latenciesUs.length)
        bounds.forEach((bound, i) => {
          const below = counts.slice(0, i + 1).reduce((sum, one) => sum + one, 0)
          const surelyBelow = latenciesUs.filter(us => us <= bound * 1e6 * 0.999).length
          const maybeBelow = latenciesUs.filter(us => us <= bound * 1e6 * 1.001).length
          expect(below).toBeGreaterThanOrEqual(surelyBelow)
          expect(below).toBeLessThanOrEqual(maybeBelow)
        })
      }),
    )
  })

  test('a value on a bound is below it', () => {
    expect(bucketCounts(Histogram.of([5000, 5001, 5010]), [0.005])).toEqual([2, 1])
  })

  test('exponential ones hold every value, each within its bounds but for 0.1 %', () => {
    fc.assert(
      fc.property(fc.array(anyLatencyUs, { minLength: 1, maxLength: 50 }), latenciesUs => {
        const { zeroCount, counts } = exponentialBuckets(Histogram.of(latenciesUs))
        expect(zeroCount).toBe(latenciesUs.filter(us => us <= 1).length)
        const left = latenciesUs.filter(us => us > 1).sort((a, b) => a - b)
        for (const [index, count] of counts) {
          for (const us of left.splice(0, count)) {
            expect(us / 1e6).toBeGreaterThan(2 ** (index / 32) * 0.999)
            expect(us / 1e6).toBeLessThanOrEqual(2 ** ((index + 1) / 32) * 1.001)
          }
        }
        expect(left).toEqual([])
      }),
    )
  })

  test('one second lies between the exponential buckets -1 and 0', () => {
    expect(exponentialBuckets(Histogram.of([999_000, 0])).counts).toEqual([[-1, 1]])
    expect(exponentialBuckets(Histogram.of([1_001_000])).counts).toEqual([[0, 1]])
  })
})

describe("a run's families", () => {
  test('count what happened, however it is spread over seconds', () => {
    fc.assert(
      fc.property(fc.array(anyRunEvent, { minLength: 1, maxLength: 60 }), events => {
        const families = new RunFamilies(facts)
        for (const window of windowsOf(0, events)) families.add(secondOf([window]))
        const all = families.families()
        const total = (name: string) =>
          numbersOf(all, name).reduce((sum, { value }) => sum + value, 0)
        const requests = events.filter(one => one.type === 'sample' && one.kind === 'request')
        const failed = requests.filter(one => one.type === 'sample' && one.failure !== undefined)
        const drops = events.flatMap(one => (one.type === 'drop' ? [one.count] : []))
        expect(total('loadstone_requests_total')).toBe(requests.length)
        expect(total('loadstone_request_failures_total')).toBe(failed.length)
        expect(total('loadstone_iterations_total')).toBe(
          events.filter(one => one.type === 'iteration').length,
        )
        expect(total('loadstone_dropped_iterations_total')).toBe(
          drops.reduce((sum, one) => sum + one, 0),
        )
        const latency = all.find(one => one.name === 'loadstone_http_request_duration_seconds')
        const counted = latency?.kind === 'histogram' ? latency.points : []
        expect(counted.reduce((sum, one) => sum + one.histogram.count, 0)).toBe(requests.length)
      }),
      { numRuns: 50 },
    )
  })

  test('keep 500 names apart and count the rest together', () => {
    const families = new RunFamilies(facts)
    const [window] = windowsOf(0, [], 1_000_000)
    const series = (i: number): SeriesWindow => ({
      ...({
        kind: 'request',
        scenario: 'shop',
        name: `GET /${i}`,
        outcome: 'ok',
        count: 1,
      } as const),
      ...{ latency: Histogram.of([i]).encode(), serviceTime: Histogram.of([i]).encode() },
      ...{ statuses: { 200: 1 }, failures: [], bytesIn: 1, bytesOut: 1, retries: 0 },
    })
    const all = Array.from({ length: 600 }, (_, i) => series(i))
    families.add(secondOf([{ ...window!, series: all }]))
    const points = numbersOf(families.families(), 'loadstone_requests_total')
    expect(points).toHaveLength(501)
    expect(points.find(one => one.labels['name'] === '(other)')?.value).toBe(100)
  })

  test.each([
    ['GET /orders/:id', 'GET'],
    ['M-SEARCH http://other/', 'M-SEARCH'],
    ['log in', ''],
    ['BUY it', ''],
  ])('%s was asked for with the method "%s"', (name, method) => {
    expect(methodOf(name)).toBe(method)
  })
})

test('Prometheus text has cumulative buckets and escapes what a target could say', () => {
  const families: MetricFamily[] = [
    {
      ...({ kind: 'histogram', name: 'h_seconds', help: 'H.' } as const),
      boundsSeconds: [0.005, 0.1],
      points: [{ labels: { name: 'GET "/a\\b"\n' }, histogram: Histogram.of([4000, 50_000, 1e6]) }],
    },
    { kind: 'gauge', name: 'g', help: 'G.', points: [{ labels: {}, value: 0.5 }] },
    { kind: 'counter', name: 'nothing_total', help: 'N.', points: [] },
  ]
  const name = 'name="GET \\"/a\\\\b\\"\\n"'
  expect(prometheusText(families, { run_id: 'r1' }).split('\n')).toEqual([
    '# HELP h_seconds H.',
    '# TYPE h_seconds histogram',
    `h_seconds_bucket{run_id="r1",${name},le="0.005"} 1`,
    `h_seconds_bucket{run_id="r1",${name},le="0.1"} 2`,
    `h_seconds_bucket{run_id="r1",${name},le="+Inf"} 3`,
    `h_seconds_sum{run_id="r1",${name}} 1.054`,
    `h_seconds_count{run_id="r1",${name}} 3`,
    '# HELP g G.',
    '# TYPE g gauge',
    'g{run_id="r1"} 0.5',
    '',
  ])
})
