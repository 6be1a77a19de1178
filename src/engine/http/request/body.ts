import { Buffer } from 'node:buffer'
import { buildMultipart } from '../../../protocols/index.ts'
import { ScriptError } from '../script-errors.ts'
import { kindOf, lineValue, type HeadLines } from './head-lines.ts'
import { multipartParts } from './multipart-parts.ts'
import { encodePairs } from './url-encoding.ts'
import type { Wishes } from './wishes.ts'

export type Stream = AsyncIterable<Uint8Array>
export type WireBody = string | Uint8Array | Stream | undefined

/** A body as it goes out, with the header lines that describe it. */
export interface EncodedBody {
  readonly body: WireBody
  readonly chunked: boolean
  readonly lines: HeadLines
  /** Once sent it is gone: it cannot be sent again. */
  readonly isSingleUse: boolean
}

/** What a body is made with. */
export interface BodyContext {
  readonly scriptFolder: string
  /** A text that occurs in no body: boundary of multipart. */
  readonly newBoundary: () => string
}

/** `given` are the request's own header lines: a content-type among them is kept. */
export function encodeBody(wishes: Wishes, given: HeadLines, context: BodyContext): EncodedBody {
  const { bodyKind, body } = wishes
  if (bodyKind === 'json') return sized(jsonText(body), 'application/json', given)
  if (bodyKind === 'form') {
    const text = encodePairs(objectOf(body), 'form').replaceAll('%20', '+')
    return sized(text, 'application/x-www-form-urlencoded', given)
  }
  if (bodyKind === 'multipart') return multipart(objectOf(body), given, context)
  if (typeof body === 'string' || body instanceof Uint8Array) return sized(body, undefined, given)
  if (isStream(body)) return { ...streamed(body, undefined, given), isSingleUse: true }
  throw new ScriptError(
    `body is ${kindOf(body)}; it must be a text, bytes or a stream of bytes (for data use json)`,
  )
}

function multipart(
  option: Readonly<Record<string, unknown>>,
  given: HeadLines,
  { scriptFolder, newBoundary }: BodyContext,
): EncodedBody {
  const made = buildMultipart(multipartParts(option, scriptFolder), newBoundary())
  const { body, contentType, lengthBytes } = made
  if (lengthBytes !== undefined) return withLength(body, lengthBytes, contentType, given)
  return streamed(body, contentType, given)
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
      `content-length says ${declared}, but the body has ${lengthBytes} bytes: ` +
        `leave the header out`,
    )
  }
  const length = declared === undefined ? `\r\ncontent-length: ${lengthBytes}` : ''
  return { body, chunked: false, lines: typeLine(type, given) + length, isSingleUse: false }
}

function streamed(
  body: Exclude<WireBody, undefined>,
  type: string | undefined,
  given: HeadLines,
): EncodedBody {
  const declared = lineValue(given, 'content-length')
  const framing = declared === undefined ? '\r\ntransfer-encoding: chunked' : ''
  const lines = typeLine(type, given) + framing
  return { body, chunked: declared === undefined, lines, isSingleUse: false }
}

function typeLine(type: string | undefined, given: HeadLines): HeadLines {
  if (type === undefined || lineValue(given, 'content-type') !== undefined) return ''
  return `\r\ncontent-type: ${type}`
}
