export type SpanKind = 'server' | 'client' | 'producer' | 'consumer'

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Headers as they travel with a request or are kept with a message. */
export type TraceHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * A step of a trace. It is handed along explicitly: a request carries its own, and whatever it
 * causes is started from it.
 */
export interface TraceSpan {
  /** 32 hexadecimal digits; empty without tracing. */
  readonly traceId: string
  /** 16 hexadecimal digits; empty without tracing. */
  readonly spanId: string
  /** False when nobody will see it: then it need not be described. */
  readonly recorded: boolean
  /** A step below this one. Below a span that is not recorded it is that span itself. */
  start(kind: SpanKind, name: string, attributes: SpanAttributes): TraceSpan
  rename(name: string): void
  describe(attributes: SpanAttributes): void
  /** Something that happened now. */
  event(name: string): void
  /** Sets the headers by which the next process finds this span; replaces those of its caller. */
  inject(headers: Record<string, string>): void
  /** `errorType` says how it failed, in one word or a status code. */
  end(errorType?: string): void
}

/** A message somebody takes from a queue, with the headers that were kept with it. */
export interface TracedMessage {
  /** The queue's name. */
  readonly destination: string
  readonly id: string
  readonly headers: TraceHeaders
}

/** Where the traces of one service begin and end. */
export interface Tracing {
  /** The span of a request that came in with these headers. */
  serve(method: string, headers: TraceHeaders): TraceSpan
  /**
   * The span of working on a message: below the span that put it into the queue, and linked to it,
   * since it runs after its parent has ended.
   */
  consume(message: TracedMessage): TraceSpan
  /** Sends what is left, for at most a second. */
  stop(): Promise<void>
}

/** Without a collector: headers are passed on as they came. */
export const noSpan: TraceSpan = {
  traceId: '',
  spanId: '',
  recorded: false,
  start: () => noSpan,
  rename: () => undefined,
  describe: () => undefined,
  event: () => undefined,
  inject: () => undefined,
  end: () => undefined,
}

export const noTracing: Tracing = {
  serve: () => noSpan,
  consume: () => noSpan,
  stop: async () => undefined,
}

/** What `work` throws ends the span as an error and is thrown on. */
export async function traced<T>(span: TraceSpan, work: () => Promise<T>): Promise<T> {
  let errorType: string | undefined
  try {
    return await work()
  } catch (error) {
    errorType = errorTypeOf(error)
    throw error
  } finally {
    span.end(errorType)
  }
}

/** An error in one word: its code ('ECONNREFUSED', '57014') or its name. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
