import { Buffer } from 'node:buffer'
import { ScriptError } from '../script-errors.ts'
import { kindOf, lineValue, type HeadLines } from './head-lines.ts'
import { encodePairs } from './url-encoding.ts'
import type { Wishes } from './wishes.ts'

export type Stream = AsyncIterable<Uint8Array>
export type WireBody = string | Uint8Array | Stream | undefined

/** A body as it goes out, with the header lines that describe it. */
export interface EncodedBody {
  readonly body: WireBody
  readonly chunked: boolean
  readonly lines: HeadLines
}

/** Makes a multipart body of a request's parts. */
export type MultipartEncoder = (parts: unknown) => {
  readonly body: Exclude<WireBody, undefined>
  readonly contentType: string
  /** Undefined: only known when it has been sent. */
  readonly lengthBytes: number | undefined
}

/** `given` are the request's own header lines: a content-type among them is kept. */
export function encodeBody(
  wishes: Wishes,
  given: HeadLines,
  encodeMultipart: MultipartEncoder,
): EncodedBody {
  const { bodyKind, body } = wishes
  if (bodyKind === 'json') return sized(jsonText(body), 'application/json', given)
  if (bodyKind === 'form') {
    const text = encodePairs(objectOf(body), 'form').replaceAll('%20', '+')
    return sized(text, 'application/x-www-form-urlencoded', given)
  }
  if (bodyKind === 'multipart') {
    const made = encodeMultipart(objectOf(body))
    if (made.lengthBytes === undefined)
      return streamed(made.body as Stream, made.contentType, given)
    return withLength(made.body, made.lengthBytes, made.contentType, given)
  }
  if (typeof body === 'string' || body instanceof Uint8Array) return sized(body, undefined, given)
  if (isStream(body)) return streamed(body, undefined, given)
  throw new ScriptError(
    `body is ${kindOf(body)}; it must be a text, bytes or a stream of bytes (for data use json)`,
  )
}

function jsonText(value: unknown): string {
  // JSON.stringify says undefined for a function, whatever its type claims.
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new ScriptError(`json is ${kindOf(value)}, which JSON cannot say`)
  return text
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new ScriptError(`the body is ${kindOf(value)}; it must be an object of names and values`)
}

function isStream(value: unknown): value is Stream {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function sized(body: string | Uint8Array, type: string | undefined, given: HeadLines): EncodedBody {
  return withLength(body, Buffer.byteLength(body), type, given)
}

function withLength(
  body: Exclude<WireBody, undefined>,
  lengthBytes: number,
  type: string | undefined,
  given: HeadLines,
): EncodedBody {
  const declared = lineValue(given, 'content-length')
  if (declared !== undefined && declared !== String(lengthBytes)) {
    throw new ScriptError(
      `content-length says ${declared}, but the body has ${lengthBytes} bytes: leave the header out`,
    )
  }
  const length = declared === undefined ? `\r\ncontent-length: ${lengthBytes}` : ''
  return { body, chunked: false, lines: typeLine(type, given) + length }
}

function streamed(body: Stream, type: string | undefined, given: HeadLines): EncodedBody {
  const declared = lineValue(given, 'content-length')
  const framing = declared === undefined ? '\r\ntransfer-encoding: chunked' : ''
  return { body, chunked: declared === undefined, lines: typeLine(type, given) + framing }
}

function typeLine(type: string | undefined, given: HeadLines): HeadLines {
  if (type === undefined || lineValue(given, 'content-type') !== undefined) return ''
  return `\r\ncontent-type: ${type}`
}
