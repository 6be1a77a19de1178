import { AsyncLocalStorage } from 'node:async_hooks'
import type { UserSpan } from '../../metrics/index.ts'
import type { Answer, Origin } from '../../protocols/index.ts'
import type { Tracing } from '../http/trace-context.ts'

/** Where spans go. */
export interface SpanSink {
  /** False: this second has had its share, so the iteration that begins now makes no spans. */
  takeIteration(): boolean
  add(span: UserSpan): void
}

/** The trace of one iteration. */
export interface UserTrace {
  readonly traceId: string
  /** Of the iteration's own span. */
  readonly spanId: string
  readonly startedAtUs: number
  /** False: its exchanges share the trace, but nothing is told of it. */
  readonly isTold: boolean
}

/** A step or poll under way. */
export interface StepSpan {
  readonly trace: UserTrace
  readonly spanId: string
  readonly parentSpanId: string
}

/** Whose spans they are. */
export interface SpanUser {
  readonly id: number
  readonly iteration: number
  readonly trace?: UserTrace | undefined
}

/** A request as it was sent. */
export interface SentRequest {
  readonly method: string
  readonly origin: Origin
  readonly target: string
  readonly head: string
  readonly redirects: number
}

type Ended = Pick<UserSpan, 'scenario' | 'name' | 'failure'>

/**
 * Makes the spans of one worker's users. With it all exchanges of an iteration belong to one trace,
 * and whether that is sampled is decided once for all of them. Which step an exchange is in is told
 * by the asynchronous context it was called in, so steps that run at the same time stay apart.
 */
export class SpanMaker {
  readonly #tracing: Tracing
  readonly #sink: SpanSink
  readonly #steps = new AsyncLocalStorage<StepSpan>()

  constructor(tracing: Tracing, sink: SpanSink) {
    this.#tracing = tracing
    this.#sink = sink
  }

  beginIteration(startedAtUs: number): UserTrace {
    const traceId = this.#tracing.newTraceId()
    const header = this.#tracing.traceparent(traceId)
    const isTold = header.endsWith('1') && this.#sink.takeIteration()
    return { traceId, spanId: header.slice(36, 52), startedAtUs, isTold }
  }

  endIteration(user: SpanUser, ended: Ended & { readonly endedAtUs: number }): void {
    const { trace } = user
    if (trace?.isTold !== true) return
    const { traceId, spanId, startedAtUs } = trace
    const times = { startedAtUs, endedAtUs: ended.endedAtUs }
    this.#add(user, { kind: 'iteration', traceId, spanId, parentSpanId: '', ...times, ...ended })
  }

  /** Undefined outside of an iteration that is told. */
  beginStep(user: SpanUser): StepSpan | undefined {
    const { trace } = user
    if (trace?.isTold !== true) return undefined
    const spanId = this.#tracing.traceparent(trace.traceId).slice(36, 52)
    return { trace, spanId, parentSpanId: this.#parentOf(trace) }
  }

  /** Runs what belongs to the step. */
  inside<T>(step: StepSpan | undefined, run: () => Promise<T>): Promise<T> {
    return step === undefined ? run() : this.#steps.run(step, run)
  }

  endStep(
    user: SpanUser,
    step: StepSpan,
    ended: Ended & Pick<UserSpan, 'kind' | 'startedAtUs' | 'endedAtUs'>,
  ): void {
    const { spanId, parentSpanId, trace } = step
    this.#add(user, { traceId: trace.traceId, spanId, parentSpanId, ...ended })
  }

  /** The trace that an exchange begins in. */
  traceIdFor(user: SpanUser): string {
    return user.trace?.traceId ?? this.#tracing.newTraceId()
  }

  /**
   * Span id of what an exchange that is called now belongs to; undefined: make no span of it. One
   * with a traceparent of the script's own is in another trace, and not ours to tell.
   */
  parentFor(user: SpanUser, traceId: string): string | undefined {
    const { trace } = user
    if (trace === undefined) return ''
    return trace.isTold && trace.traceId === traceId ? this.#parentOf(trace) : undefined
  }

  /** A request was answered, or failed. */
  request(
    user: SpanUser,
    sent: SentRequest & { readonly parentSpanId: string },
    answer: Answer,
    ended: Ended,
  ): void {
    const [, traceId = '', spanId = '', flags] = ourHeader.exec(sent.head) ?? []
    if (flags !== '01') return
    const { method, origin, target, parentSpanId, redirects } = sent
    const { startedAtUs, endedAtUs, status } = answer
    this.#add(user, {
      ...{ kind: 'request', traceId, spanId, parentSpanId, startedAtUs, endedAtUs, ...ended },
      request: {
        ...{ method, status, redirects, host: origin.host, port: origin.port },
        url: origin.key + withoutValues(target),
      },
    })
  }

  #parentOf(trace: UserTrace): string {
    const step = this.#steps.getStore()
    return step?.trace === trace ? step.spanId : trace.spanId
  }

  #add(user: SpanUser, span: Omit<UserSpan, 'userId' | 'iteration' | 'request'> & Asked): void {
    this.#sink.add({ userId: user.id, iteration: user.iteration, request: undefined, ...span })
  }
}

type Asked = Partial<Pick<UserSpan, 'request'>>

const ourHeader = /\r\ntraceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/

/** '/a?x=1&y=2' as '/a?x=REDACTED&y=REDACTED'. */
function withoutValues(target: string): string {
  const at = target.indexOf('?')
  if (at < 0) return target
  return target.slice(0, at) + target.slice(at).replace(/=[^&]*/g, '=REDACTED')
}
