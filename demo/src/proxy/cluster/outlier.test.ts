import { expect, test } from 'vitest'
import { OutlierState } from './outlier.ts'

const policy = { consecutive5xx: 3, baseEjectionMs: 1_000, ejectedRatioMax: 1, panicRatio: 0 }

/** How long it stays out, to 100 ms. */
function ejectionMs(state: OutlierState, nowMs: number): number {
  let ms = 0
  while (state.isEjected(nowMs + ms)) ms += 100
  return ms
}

test('only 5xx in a row make an outlier', () => {
  const state = new OutlierState()
  const seen = [500, 503, 200, 500, 500, 404, 502, 503, 504]
  expect(seen.map(status => state.count(status, policy))).toEqual([
    ...Array.from({ length: 8 }, () => false),
    true,
  ])
})

test('each ejection is longer by the first one, and 10 s in service take one off', () => {
  const state = new OutlierState()
  let nowMs = 1_000_000
  for (const expected of [1_000, 2_000, 3_000]) {
    state.eject(nowMs, policy)
    expect(ejectionMs(state, nowMs)).toBe(expected)
    nowMs += expected
  }
  // Two whole intervals in service: three ejections count as one, and this is the second.
  nowMs += 29_999 - 1_000 * 9
  state.eject(nowMs, policy)
  expect(ejectionMs(state, nowMs)).toBe(2_000)
})

test('an ejection takes 300 s at most', () => {
  const state = new OutlierState()
  const long = { ...policy, baseEjectionMs: 200_000 }
  state.eject(0, long)
  state.eject(200_000, long)
  expect(ejectionMs(state, 200_000)).toBe(300_000)
})
