import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { spansOf, type Span } from './otlp.ts'
import { decodeTrace, encodeTraces, type TraceSkeletons } from './skeletons.ts'
import { TraceReceiver } from './trace-receiver.ts'
import { TraceSample } from './trace-sample.ts'

const span = (more: Partial<Span> = {}): Span => ({
  ...{ traceId: 'aa', spanId: '01', parentSpanId: '', service: 'gateway', name: 'GET /' },
  ...{ kind: 2, startUnixUs: 1_000_000, durationUs: 500, status: 0 },
  ...{ attributes: {}, linkedTraceIds: [] },
  ...more,
})

const request = {
  resourceSpans: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'catalog' } },
          { key: 'service.version', value: { stringValue: 'stable' } },
          { key: 'process.pid', value: { intValue: 7 } },
        ],
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: 'ABCDEF0123456789abcdef0123456789',
              spanId: '0000000000000001',
              parentSpanId: '00000000000000FF',
              name: 'GET /products',
              kind: 3,
              startTimeUnixNano: '1700000000123456789',
              endTimeUnixNano: '1700000000125457789',
              attributes: [
                { key: 'http.request.resend_count', value: { intValue: '2' } },
                { key: 'http.response.status_code', value: { intValue: 503 } },
                { key: 'user_agent.original', value: { stringValue: 'x' } },
                { key: 'db.query.text', value: { stringValue: 'y'.repeat(500) } },
              ],
              status: { code: 2 },
              links: [{ traceId: 'FF', spanId: '02' }],
            },
          ],
        },
      ],
    },
  ],
}

describe('spansOf', () => {
  test('reads the JSON of OTLP and keeps what a diagnosis reads', () => {
    expect(spansOf(request)).toEqual([
      {
        traceId: 'abcdef0123456789abcdef0123456789',
        spanId: '0000000000000001',
        parentSpanId: '00000000000000ff',
        service: 'catalog',
        name: 'GET /products',
        kind: 3,
        startUnixUs: 1_700_000_000_123_456,
        durationUs: 2_001,
        status: 2,
        attributes: {
          'service.version': 'stable',
          'http.request.resend_count': 2,
          'http.response.status_code': 503,
          'db.query.text': 'y'.repeat(200),
        },
        linkedTraceIds: ['ff'],
      },
    ])
  })

  test.each([
    [{ resourceSpans: 1 }, 'resourceSpans is not a list'],
    [{ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] }, 'startTimeUnixNano'],
  ])('%j is refused', (wrong, message) => {
    expect(() => spansOf(wrong)).toThrow(message)
  })
})

describe('TraceReceiver', () => {
  async function receiving() {
    const spans: Span[] = []
    const receiver = await TraceReceiver.start(one => spans.push(one))
    onTestFinished(() => receiver.stop())
    const post = (body: Buffer | string, headers: Record<string, string>) =>
      fetch(`${receiver.url}/v1/traces`, { method: 'POST', body, headers })
    return { receiver, spans, post }
  }

  test('takes JSON, compressed or not', async () => {
    const { spans, post } = await receiving()
    const type = { 'content-type': 'application/json' }
    const text = JSON.stringify(request)
    expect((await post(text, type)).status).toBe(200)
    const gzip = { ...type, 'content-encoding': 'gzip' }
    expect((await post(gzipSync(text), gzip)).status).toBe(200)
    expect(spans).toHaveLength(2)
  })

  test('refuses what it cannot read, and says how often', async () => {
    const { receiver, spans, post } = await receiving()
    expect((await post('{', { 'content-type': 'application/json' })).status).toBe(400)
    const protobuf = { 'content-type': 'application/x-protobuf' }
    expect((await post('x', protobuf)).status).toBe(415)
    expect((await post('x', protobuf)).status).toBe(415)
    expect([...receiver.refused.values()]).toEqual([1, 2])
    expect(spans).toEqual([])
  })
})

const roomy = { tracesMax: 1_000, spansMax: 100_000, heldSpansMax: 100_000 }
const idsOf = (sample: TraceSample) => sample.result().traces.map(trace => trace.traceId)

describe('TraceSample', () => {
  test('every trace is as likely to be kept as any other, however long it is', () => {
    // 40 traces of 1 to 10 spans, 10 are kept, with 2,000 seeds. A trace is kept in one of four
    // samples: 500 times, with a standard deviation of sqrt(2000 x 0.25 x 0.75) = 19.4.
    const kept = new Map<string, number>()
    for (let seed = 0; seed < 2_000; seed += 1) {
      const sample = new TraceSample(seed, { ...roomy, tracesMax: 10 })
      for (let trace = 0; trace < 40; trace += 1) {
        for (let place = 0; place <= trace % 10; place += 1) {
          sample.add(span({ traceId: `t${trace}`, spanId: String(place) }))
        }
      }
      for (const id of idsOf(sample)) kept.set(id, (kept.get(id) ?? 0) + 1)
    }
    const counts = [...kept.values()]
    expect(counts).toHaveLength(40)
    expect(counts.reduce((sum, count) => sum + count)).toBe(20_000)
    // Fixed seeds: the same numbers in every run. 5 standard deviations either way.
    expect(Math.min(...counts)).toBeGreaterThan(500 - 97)
    expect(Math.max(...counts)).toBeLessThan(500 + 97)
    // Chi-square over 40 counts; they are drawn without replacement, so it is smaller by 3/4:
    // mean 39 x 0.75 = 29.3, standard deviation 0.75 x sqrt(78) = 6.6.
    const chiSquare = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)
    expect(chiSquare).toBeLessThan(29.3 + 5 * 6.6)
  })

  test('the order in which spans arrive does not matter', () => {
    const anySpans = fc.array(fc.record({ trace: fc.nat(30), place: fc.nat(1_000) }), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(anySpans, fc.nat(), (written, seed) => {
        const spans = written.map(({ trace, place }) =>
          span({ traceId: `t${trace}`, spanId: `s${place}`, name: `root ${trace % 3}` }),
        )
        const sampleOf = (all: readonly Span[]) => {
          const sample = new TraceSample(seed, { ...roomy, tracesMax: 5 })
          for (const one of all) sample.add(one)
          return idsOf(sample).sort()
        }
        expect(sampleOf([...spans].reverse())).toEqual(sampleOf(spans))
      }),
    )
  })

  test('held spans never exceed their limit, and kept traces stay whole', () => {
    const anyOrder = fc.shuffledSubarray(
      Array.from({ length: 300 }, (_, index) => index),
      { minLength: 300, maxLength: 300 },
    )
    fc.assert(
      fc.property(anyOrder, fc.nat(), (order, seed) => {
        const sample = new TraceSample(seed, { ...roomy, heldSpansMax: 60 })
        for (const index of order) {
          sample.add(span({ traceId: `t${index % 100}`, spanId: `s${index}` }))
        }
        const { traces, seen } = sample.result()
        expect(traces.length).toBeGreaterThan(0)
        expect(traces.flatMap(trace => trace.spans).length).toBeLessThanOrEqual(60)
        for (const trace of traces) expect(trace.spans).toHaveLength(3)
        expect(seen[0]?.traces).toBeGreaterThan(20)
      }),
    )
  })

  test('a rare root keeps as many as a frequent one', () => {
    const sample = new TraceSample(1, { ...roomy, tracesMax: 20 })
    for (let trace = 0; trace < 1_000; trace += 1) {
      const name = trace % 100 === 0 ? 'POST /orders' : 'GET /products'
      sample.add(span({ traceId: `t${trace}`, name }))
    }
    const { traces, seen } = sample.result()
    const names = Map.groupBy(traces, trace => trace.spans[0]!.name)
    expect(names.get('POST /orders')).toHaveLength(10)
    expect(names.get('GET /products')).toHaveLength(10)
    expect(seen).toContainEqual({
      ...{ root: { service: 'gateway', name: 'POST /orders' }, traces: 10 },
    })
  })

  test('traces stop where their spans would be too many', () => {
    const sample = new TraceSample(1, { ...roomy, spansMax: 10 })
    for (let index = 0; index < 40; index += 1) {
      sample.add(span({ traceId: `t${index % 10}`, spanId: `s${index}` }))
    }
    expect(sample.result().traces).toHaveLength(2)
  })
})

const anyValue = fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean())
const anySpan = fc.record({
  spanId: fc.stringMatching(/^[0-9a-f]{4}$/),
  parent: fc.nat(20),
  service: fc.constantFrom('gateway', 'catalog'),
  name: fc.string({ maxLength: 5 }),
  kind: fc.nat(5),
  startUnixUs: fc.integer({ min: 0, max: 1e15 }),
  durationUs: fc.nat(1e9),
  status: fc.nat(2),
  attributes: fc.dictionary(fc.string({ maxLength: 4 }), anyValue, { noNullPrototype: true }),
  linkedTraceIds: fc.array(fc.string({ maxLength: 4 }), { maxLength: 2 }),
})
const anyTrace = fc
  .uniqueArray(anySpan, { selector: one => one.spanId, minLength: 1, maxLength: 10 })
  .map(spans =>
    spans.map(({ parent, ...own }, index) => ({
      ...own,
      traceId: 'ab',
      // The parent is an earlier span of the list, or none.
      parentSpanId: parent < index ? spans[parent]!.spanId : '',
    })),
  )

describe('encodeTraces', () => {
  test('any trace comes back through JSON, its ids replaced by places', () => {
    fc.assert(
      fc.property(anyTrace, fc.nat(1e12), (spans, startedAtUnixMs) => {
        const sampled = { traces: [{ traceId: 'ab', spans }], seen: [] }
        const text = JSON.stringify(encodeTraces(sampled, startedAtUnixMs))
        const read = decodeTrace(JSON.parse(text) as TraceSkeletons, 0, startedAtUnixMs)
        const sorted = [...spans].sort((one, other) => one.startUnixUs - other.startUnixUs)
        const place = (id: string) => {
          const index = sorted.findIndex(one => one.spanId === id)
          return index === -1 ? '' : String(index)
        }
        expect(read).toEqual(
          sorted.map(one => ({
            ...one,
            spanId: place(one.spanId),
            parentSpanId: one.parentSpanId === '' ? '' : place(one.parentSpanId),
          })),
        )
      }),
    )
  })

  test('each text and each set of attributes is written once', () => {
    const attributes = { 'http.route': '/products', 'http.response.status_code': 200 }
    const spans = ['1', '2', '3'].map(spanId => span({ spanId, attributes }))
    const sampled = {
      traces: [{ traceId: 'ab', spans }],
      seen: [{ root: { service: 'gateway', name: 'GET /' }, traces: 3 }],
    }
    const written = encodeTraces(sampled, 0)
    expect(written.strings).toEqual([
      ...['gateway', 'GET /', '/products', 'http.route', 'http.response.status_code'],
    ])
    expect(written.attributeSets).toEqual([
      [
        [3, [2]],
        [4, 200],
      ],
    ])
    expect(written.seen).toEqual([[0, 1, 3]])
  })
})
