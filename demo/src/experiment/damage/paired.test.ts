import { expect, test } from 'vitest'
import { damageLine, differenceWords } from './paired.ts'

const slow = {
  ...({ kind: 'p95', name: 'GET /api/cart', clean: 12.34, faulty: 345.6 } as const),
  ...({ estimate: 28.01, interval: [24.2, 33.31], pValue: 1e-9 } as const),
}
const failing = {
  ...({ kind: 'errors', name: 'all requests', clean: 0, faulty: 0.0312 } as const),
  ...({ estimate: 0.0312, interval: [0.0012, 0.0612], pValue: 0.0312 } as const),
}
const stretch = { fromSecond: 48, toSecond: 89, tests: 40 }

test('a difference is told with its size, its interval and its chance', () => {
  expect(differenceWords(slow)).toBe(
    'p95 of GET /api/cart 12.3 -> 346 ms, x 28 (24.2 to 33.3), p < 0.001',
  )
  expect(differenceWords(failing)).toBe(
    'errors of all requests 0 -> 3.12 %, 3.12 points (0.12 to 6.12), p = 0.031',
  )
})

test('a silent fault is told as such, with what came closest', () => {
  const damaged = { ...stretch, silent: false, strongest: slow, found: [slow, failing] }
  expect(damageLine(damaged)).toMatch(/^damage: p95 of .*; 1 more of 40 figures$/)
  const silent = { ...stretch, silent: true, strongest: failing, found: [] }
  expect(damageLine(silent)).toMatch(/^silent: none of 40 figures is .*\(closest: errors of/)
})
