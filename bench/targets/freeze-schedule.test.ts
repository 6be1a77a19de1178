import { describe, expect, test } from 'vitest'
import { expectedPercentilesMs, latencyAtMs } from './freeze-schedule.ts'

/** Answers in 5 ms, frozen for the first 500 ms of every 5 s. */
const schedule = { answerMs: 5, freezeMs: 500, periodMs: 5000 }

describe('the freeze schedule', () => {
  test('a request in the freeze waits for its end and then for its answer', () => {
    expect(latencyAtMs(schedule, 0)).toBe(505)
    expect(latencyAtMs(schedule, 499)).toBe(6)
  })

  test('a request between freezes takes the answer time', () => {
    expect(latencyAtMs(schedule, 500)).toBe(5)
    expect(latencyAtMs(schedule, 2500)).toBe(5)
  })

  test('a request that is read before a freeze but due in it is answered at its end', () => {
    expect(latencyAtMs(schedule, 4998)).toBe(502)
  })

  // By hand: 2 * (505 - L) ms of a period meet a latency above L for L in 500..505, and 510 - L ms
  // for L below 500. 1 % of 5 s is 50 ms: L = 460. 0.1 % is 5 ms: L = 502.5.
  test('the percentiles are those of a hand calculation', () => {
    const [p50, p99, p999] = expectedPercentilesMs(schedule, [50, 99, 99.9])
    expect(p50).toBe(5)
    expect(p99).toBeCloseTo(460, 1)
    expect(p999).toBeCloseTo(502.5, 1)
  })

  test('without a freeze every percentile is the answer time', () => {
    const constant = { answerMs: 5, freezeMs: 0, periodMs: 1000 }
    expect(expectedPercentilesMs(constant, [1, 50, 100])).toEqual([5, 5, 5])
  })
})
