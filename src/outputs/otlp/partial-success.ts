import type { Rejected } from '../delivery/delivery.ts'
import { messages, numberOf, readFields, textOf } from '../wire/read-protobuf.ts'
import type { OtlpEncoding } from './otlp-messages.ts'

/**
 * What an endpoint that took a request says it left out of it: data points of metrics, spans of
 * traces. Undefined when that is nothing, or when it says something else altogether.
 */
export function rejectedOf(answer: Uint8Array, encoding: OtlpEncoding): Rejected | undefined {
  try {
    const { items, why } = encoding === 'json' ? ofJson(answer) : ofProtobuf(answer)
    return items > 0 ? { items, why } : undefined
  } catch {
    // Some answer "OK" in plain words: no message, so nothing was rejected.
    return undefined
  }
}

function ofProtobuf(answer: Uint8Array): Rejected {
  const [partial] = messages(readFields(answer), 1)
  if (partial === undefined) return { items: 0, why: '' }
  return { items: numberOf(partial, 1), why: textOf(partial, 2) }
}

interface JsonAnswer {
  readonly partialSuccess?: {
    readonly rejectedDataPoints?: number | string
    readonly rejectedSpans?: number | string
    readonly errorMessage?: string
  }
}

function ofJson(answer: Uint8Array): Rejected {
  const { partialSuccess = {} } = JSON.parse(new TextDecoder().decode(answer)) as JsonAnswer
  const { rejectedDataPoints = 0, rejectedSpans = 0, errorMessage = '' } = partialSuccess
  return { items: Number(rejectedDataPoints) + Number(rejectedSpans), why: errorMessage }
}
