import type { ComparisonPage, RunItem } from '../../src/server/api.ts'
import {
  defaultSettings,
  type MeasureComparison,
  type NameComparison,
  type RunUse,
} from '../../src/statistics/index.ts'

const use: RunUse = {
  warmUpSeconds: 5,
  steadySeconds: 55,
  steadiness: undefined as unknown as RunUse['steadiness'],
  requests: 9900,
  requestsPerSecond: 180,
}

const measured = (fields: Partial<MeasureComparison>): MeasureComparison => ({
  ...{ measure: 'p95', base: 20_000, candidate: 30_000, tolerance: 0.1 },
  effect: { value: 1.5, low: 1.41, high: 1.6 },
  ...{ p: 0.001, q: 0.002, equivalenceP: 0.9, equivalenceQ: 0.9 },
  ...{ verdict: 'regressed', reason: undefined, note: undefined },
  stretches: { seconds: 5, base: 11, candidate: 11 },
  ...fields,
})

const same = (name: string): NameComparison => ({
  name,
  measures: [
    measured({ effect: { value: 1.01, low: 0.97, high: 1.05 }, verdict: 'equivalent' }),
    measured({
      measure: 'errors',
      ...{ base: 0.01, candidate: 0.02, effect: undefined, verdict: 'inconclusive' },
      reason: { code: 'too short', words: 'less than 20 seconds were measured' },
    }),
  ],
  shift: [],
})

/** What all requests of a made-up comparison, and each of its names, show in a table. */
export const comparisonRows = {
  all: ['All requests', 'p95 ✕ regressed +50 % 20.0 ms 30.0 ms +41 to +60 %'],
  name: [
    'p95 = equivalent +1 % 20.0 ms 30.0 ms -3 to +5 %',
    'failed ? inconclusive 1.0 % 2.0 %',
    'less than 20 seconds were measured',
  ],
}

/** A comparison that regressed in all requests and in none of its names. */
export function madeComparison(
  sides: { readonly base: RunItem; readonly candidate: RunItem },
  names: readonly string[],
): ComparisonPage {
  return {
    ...sides,
    because: 'p95 of all requests is 50 % slower',
    notes: ['Only in the base: GET /api/old.', 'Runs of the same thing differ by p50 3 %.'],
    comparison: {
      verdict: 'regressed',
      base: [use],
      candidate: [use],
      loads: { matched: true, ratio: 1, words: 'same load: 180 and 180 requests/s' },
      overall: { name: 'all', measures: [measured({})], shift: [] },
      names: names.map(same),
      onlyInBase: ['GET /api/old'],
      onlyInCandidate: [],
      tests: 3,
      settings: defaultSettings,
    },
  }
}
