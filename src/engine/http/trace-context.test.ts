import { describe, expect, test } from 'vitest'
import { createTracing } from './trace-context.ts'

const seedOf = (...words: number[]) => Uint32Array.from(words)
const format = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$/

describe('createTracing', () => {
  test('writes a traceparent that W3C Trace Context accepts', () => {
    const tracing = createTracing({ runId: 'r1', sampledRatio: 1 })
    for (let i = 0; i < 10_000; i++) {
      const traceId = tracing.newTraceId()
      const [, inHeader, spanId, flags] = format.exec(tracing.traceparent(traceId)) ?? []
      expect(inHeader).toBe(traceId)
      expect(spanId).not.toBe('0000000000000000')
      expect(flags).toBe('01')
    }
  })

  test('never gives an id twice, also across the step of the counter at 4096', () => {
    const tracing = createTracing({ runId: 'r1', sampledRatio: 1 })
    const ids = new Set(Array.from({ length: 20_000 }, () => tracing.newTraceId()))
    expect(ids.size).toBe(20_000)
    expect([...ids].every(id => /^[0-9a-f]{32}$/.test(id))).toBe(true)
  })

  test('two workers with the same counter differ in the digits of the worker', () => {
    const one = createTracing({ runId: 'r1', sampledRatio: 1 }).newTraceId()
    const other = createTracing({ runId: 'r1', sampledRatio: 1 }).newTraceId()
    expect(one.slice(0, 10)).not.toBe(other.slice(0, 10))
    expect(one.slice(10, 18)).toBe('00000000')
  })

  test('the digits of worker and counter stand where the drawing says', () => {
    const tracing = createTracing({
      runId: 'r1',
      sampledRatio: 1,
      seed: seedOf(0x01234567, 0xab, 1, 2, 3, 4),
    })
    expect(tracing.newTraceId().slice(0, 18)).toBe('01234567ab00000000')
    for (let i = 1; i < 4097; i++) tracing.newTraceId()
    expect(tracing.newTraceId().slice(0, 18)).toBe('01234567ab00001001')
  })

  test('a new span of the same trace has another span id', () => {
    const tracing = createTracing({ runId: 'r1', sampledRatio: 1 })
    const traceId = tracing.newTraceId()
    expect(tracing.traceparent(traceId)).not.toBe(tracing.traceparent(traceId))
  })

  test('each of the 14 random digits takes every value about equally often', () => {
    const tracing = createTracing({ runId: 'r1', sampledRatio: 1, seed: seedOf(1, 2, 3, 4, 5, 6) })
    const counts = Array.from({ length: 14 }, () => new Array<number>(16).fill(0))
    for (let i = 0; i < 16_000; i++) {
      const random = tracing.newTraceId().slice(18)
      for (let at = 0; at < 14; at++) counts[at]![parseInt(random.charAt(at), 16)]! += 1
    }
    // 1000 expected; the standard deviation of a binomial count is 31, so 160 is five of them.
    for (const digit of counts) {
      for (const count of digit) expect(Math.abs(count - 1000)).toBeLessThan(160)
    }
  })

  test.each([0, 0.25, 0.9, 1])('says "sampled" for the share %f of the traces', ratio => {
    const seed = seedOf(11, 12, 13, 14, 15, 16)
    const tracing = createTracing({ runId: 'r1', sampledRatio: ratio, seed })
    let sampled = 0
    for (let i = 0; i < 10_000; i++) {
      if (tracing.traceparent(tracing.newTraceId()).endsWith('-01')) sampled += 1
    }
    // Five standard deviations of a binomial share of 10,000 are at most 0.025.
    expect(Math.abs(sampled / 10_000 - ratio)).toBeLessThanOrEqual(ratio % 1 === 0 ? 0 : 0.025)
  })

  test('the decision belongs to the id: any worker with the same ratio decides the same', () => {
    const one = createTracing({ runId: 'r1', sampledRatio: 0.5 })
    const other = createTracing({ runId: 'r2', sampledRatio: 0.5 })
    for (let i = 0; i < 100; i++) {
      const traceId = one.newTraceId()
      const flag = one.traceparent(traceId).slice(-2)
      expect(other.traceparent(traceId).slice(-2)).toBe(flag)
      // W3C's rule, from the 56 random bits: sampled at or above (1 - 0.5) * 2^56.
      expect(flag).toBe(BigInt(`0x${traceId.slice(18)}`) >= 2n ** 55n ? '01' : '00')
    }
  })

  test('the baggage names the run and marks its traffic as synthetic', () => {
    const { baggage } = createTracing({ runId: 'run 7,a', sampledRatio: 1 })
    expect(baggage).toBe('synthetic_request=true,loadstone.run=run%207%2Ca')
  })
})
