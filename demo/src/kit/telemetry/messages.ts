import { traced, type SpanAttributes, type TraceSpan } from './tracing.ts'

/** What OpenTelemetry says about a message in a queue. */
export function messagingAttributes(options: {
  readonly operation: 'send' | 'process'
  readonly destination: string
  readonly id?: string
}): SpanAttributes {
  const { operation, destination, id } = options
  return {
    'messaging.system': 'postgresql',
    'messaging.destination.name': destination,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    ...(id !== undefined && { 'messaging.message.id': id }),
  }
}

/**
 * Puts a message into a queue, as a step below `parent`. `work` gets the headers to keep with the
 * message, by which Tracing.consume finds this step again: `headers` (those of the request) with
 * the step's own over them.
 */
export async function produce<T>(
  parent: TraceSpan,
  options: { readonly destination: string; readonly headers: Readonly<Record<string, string>> },
  work: (headers: Record<string, string>, span: TraceSpan) => Promise<T>,
): Promise<T> {
  const { destination } = options
  const attributes = messagingAttributes({ operation: 'send', destination })
  const span = parent.start('producer', `send ${destination}`, attributes)
  const headers = { ...options.headers }
  span.inject(headers)
  return traced(span, () => work(headers, span))
}
