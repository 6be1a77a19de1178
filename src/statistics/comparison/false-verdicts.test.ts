import { describe, expect, test } from 'vitest'
import { wilson } from '../intervals/wilson.ts'
import type { QueueOptions } from '../testing/queue.ts'
import { trial } from '../testing/trial.ts'

const alike = { deviation: 0, freedom: Infinity }
const none = { p50: alike, p95: alike, p99: alike, errors: alike, drops: alike }
const serviceUs = 5000
/** Two to three seconds of computing each, on a machine that may do other things. */
const slowly = { timeout: 120_000 }

/** Requests that take more than 5.3 times the mean latency fail: about 5 in 1,000, in bursts. */
function queue(utilisation: number): Omit<QueueOptions, 'stream'> {
  const failAboveUs = (5.3 * serviceUs) / (1 - utilisation)
  const arrivalsPerSecond = (utilisation * 1e6) / serviceUs
  return { seed: 40, seconds: 120, arrivalsPerSecond, serviceUs, failAboveUs }
}

/**
 * The hardest case for a verdict: latencies that depend on each other, and nothing added for how
 * runs differ. `npm run bench -- comparison` does this with more pairs, longer runs, other queues.
 */
describe('pairs of runs of the same queue', () => {
  test.each([0.5, 0.8])('at utilisation %d rarely seem to differ', slowly, utilisation => {
    const pairs = 100
    const { verdicts } = trial({
      pairs,
      base: queue(utilisation),
      settings: { runToRun: none, resamples: 200 },
    })
    const wrong = verdicts.regressed + verdicts.improved
    expect(wrong / pairs).toBeLessThanOrEqual(0.05)
    expect(wilson(wrong, pairs).high).toBeLessThanOrEqual(0.09)
  })
})

test('service that takes a fifth longer is found in most pairs', () => {
  const base = { ...queue(0.5), seconds: 200, failAboveUs: Infinity }
  const candidate = { serviceUs: serviceUs * 1.2 }
  const { verdicts } = trial({ pairs: 15, base, candidate, settings: { resamples: 200 } })
  expect(verdicts.regressed).toBeGreaterThanOrEqual(12)
  expect(verdicts.improved).toBe(0)
})
