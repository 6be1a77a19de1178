import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { OtlpReceiver, type ReceivedSpan } from '../demo/src/kit/telemetry/otlp-receiver.ts'
import type { ShopReady } from '../demo/src/protocol.ts'
import { forkShop, leavesNothing, readyFrom } from './shop-process.ts'

/** Somebody else's system: a trace ends at its door. */
export const foreign = 'bank'

export interface TracedCall {
  readonly method: string
  /** At the gateway, or a whole URL. */
  readonly path: string
  readonly body?: object | FormData | URLSearchParams
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of the traceparent. @default '01', sampled */
  readonly flags?: '00' | '01'
}

export interface TracedAnswer {
  readonly status: number
  readonly said: Readonly<Record<string, string>>
  readonly traceId: string
  /** The client's own span, which nobody sends: the parent of the gateway's. */
  readonly spanId: string
}

/** A shop for the tests of one file that sends its spans here. */
export interface TracedShop {
  readonly ready: ShopReady
  /** A request as a client with a trace of its own makes it. */
  readonly ask: (call: TracedCall) => Promise<TracedAnswer>
  readonly spansOf: (traceId: string) => readonly ReceivedSpan[]
  /**
   * The spans of a request once those of all processes have come: each has its parent, and each
   * call of a service has the span of the one that answered.
   */
  readonly wholeTrace: (answer: TracedAnswer) => Promise<readonly ReceivedSpan[]>
}

export function tracedShop(): TracedShop {
  const receiver = new OtlpReceiver()
  let shop: ChildProcess
  let ready: ShopReady
  beforeAll(async () => {
    shop = forkShop({ OTEL_EXPORTER_OTLP_ENDPOINT: await receiver.listen() })
    ready = await readyFrom(shop)
  }, 60_000)
  afterAll(async () => {
    shop.disconnect()
    await leavesNothing(ready)
    receiver.stop()
  }, 60_000)
  const spansOf = (traceId: string) => receiver.spans.filter(span => span.traceId === traceId)
  return {
    get ready() {
      return ready
    },
    ask: call => ask(ready.url, call),
    spansOf,
    wholeTrace: ({ traceId, spanId }) =>
      vi.waitFor(
        () => {
          const spans = spansOf(traceId)
          mustBeWhole(spans, spanId)
          return spans
        },
        { timeout: 15_000, interval: 50 },
      ),
  }
}

async function ask(origin: string, call: TracedCall): Promise<TracedAnswer> {
  const { method, path, body, token, headers, flags = '01' } = call
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const isForm = body instanceof FormData || body instanceof URLSearchParams
  const answer = await fetch(path.startsWith('http') ? path : origin + path, {
    method,
    headers: {
      traceparent: `00-${traceId}-${spanId}-${flags}`,
      ...(!isForm && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  })
  const said = (await answer.json()) as Record<string, string>
  return { status: answer.status, said, traceId, spanId }
}

function mustBeWhole(spans: readonly ReceivedSpan[], clientSpanId: string): void {
  const ids = new Set([clientSpanId, ...spans.map(span => span.spanId)])
  expect(spans.filter(span => !ids.has(span.parentSpanId ?? ''))).toEqual([])
  expect(spans.filter(span => span.parentSpanId === clientSpanId)).toHaveLength(1)
  const parents = new Set(spans.map(span => span.parentSpanId))
  const calls = spans.filter(span => isCall(span) && span.attributes['server.address'] !== foreign)
  expect(calls.filter(call => !parents.has(call.spanId))).toEqual([])
}

/** A call of a service to another one, not to the database. */
export function isCall({ kind, attributes }: ReceivedSpan): boolean {
  return kind === 'client' && 'http.request.method' in attributes
}
