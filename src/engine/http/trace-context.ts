/** Makes the trace headers of a run's exchanges. */
export interface Tracing {
  /**
   * A new trace: 32 hex digits of trace id. Unique over all workers and runs; the right-most 14
   * digits are random, as W3C Trace Context level 2 asks.
   */
  newTraceId(): string
  /** Value of `traceparent` for it: '00-<trace id>-<new span id>-<01 sampled | 00>'. */
  traceparent(traceId: string): string
  /** Value of `baggage`: names the run, so that services can tell test traffic. */
  readonly baggage: string
}
