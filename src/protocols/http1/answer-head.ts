/** Bytes a header line may hold: everything but control characters; tab is allowed. */
const isLineByte = new Uint8Array(256).fill(1, 0x20).fill(0, 0x7f, 0x80)
isLineByte[0x09] = 1

/** Bytes of a header name: RFC 9110 5.6.2 token. */
const isNameByte = new Uint8Array(256)
for (let byte = 0; byte < 128; byte++) {
  if (/[\w!#$%&'*+.^`|~-]/.test(String.fromCharCode(byte))) isNameByte[byte] = 1
}

const tab = 0x09
const lf = 0x0a
const cr = 0x0d
const space = 0x20
const colon = 0x3a
const comma = 0x2c

const ascii = (text: string) => Buffer.from(text, 'latin1')
const version1 = ascii('HTTP/1.')
const contentLength = ascii('content-length')
const transferEncoding = ascii('transfer-encoding')
const connection = ascii('connection')
const keepAlive = ascii('keep-alive')
const setCookie = ascii('set-cookie')
const contentEncoding = ascii('content-encoding')
const close = ascii('close')
const chunked = ascii('chunked')
const timeoutIs = ascii('timeout=')

export const headState = { more: 0, complete: 1, invalid: 2 } as const
export type HeadState = (typeof headState)[keyof typeof headState]

/**
 * Reads the head of an answer in place, recognising only what decides how the exchange goes on.
 * It can stop at any byte and go on when more have come; bytes are looked at once or twice, however
 * they are cut. As strict as Node's own parser: no bare LF, no folded lines, no second length.
 */
export class AnswerHead {
  status = 0
  /** 0 or 1: the minor version of HTTP/1. */
  minor = 0
  /** -1: not declared. */
  contentLength = -1
  hasTransferEncoding = false
  /** The last transfer coding is chunked. */
  isChunked = false
  saysClose = false
  saysKeepAlive = false
  setsCookies = false
  /** A content-encoding line came. */
  isEncoded = false
  /** Promised by a keep-alive header; 0: nothing promised. */
  keepAliveSeconds = 0
  /** What is wrong with it, once `read` said invalid: 'invalid answer: ...'. */
  fault = ''
  /** First byte of the status line. */
  start = 0
  /** First byte that was not looked at; after a complete head, the first byte of the body. */
  at = 0
  #lineStart = 0
  #inStatusLine = true

  /** Gets ready for a head that begins at byte `at`. */
  reset(at: number): void {
    this.status = 0
    this.#inStatusLine = true
    this.#resetFields(at)
  }

  /** Gets ready for header lines alone: the trailer of a chunked body. */
  resetForTrailer(at: number): void {
    this.#inStatusLine = false
    this.#resetFields(at)
    // As in Node's parser, a length in the trailer contradicts the chunked framing.
    this.hasTransferEncoding = true
  }

  /** The bytes were moved: what was at `at` before is at `at - by` now. */
  moved(by: number): void {
    this.start -= by
    this.at -= by
    this.#lineStart -= by
  }

  read(bytes: Uint8Array, end: number): HeadState {
    if (this.#inStatusLine) {
      const state = this.#readStatusLine(bytes, end)
      if (state !== headState.complete) return state
    }
    return this.#readLines(bytes, end)
  }

  #resetFields(at: number): void {
    this.contentLength = -1
    this.hasTransferEncoding = false
    this.isChunked = false
    this.saysClose = false
    this.saysKeepAlive = false
    this.setsCookies = false
    this.isEncoded = false
    this.keepAliveSeconds = 0
    this.start = at
    this.at = at
    this.#lineStart = at
  }

  #readStatusLine(bytes: Uint8Array, end: number): HeadState {
    let at = this.at
    if (at === this.#lineStart) {
      // Empty lines before the answer are harmless (some servers send one too many).
      while (at < end && (bytes[at] === cr || bytes[at] === lf)) at++
      this.#lineStart = at
      this.start = at
    }
    const start = this.#lineStart
    while (at < end && bytes[at] !== cr && bytes[at] !== lf) at++
    this.at = at
    if (!startsLike(bytes, start, Math.min(at, end))) return this.#notHttp(bytes, start)
    if (at + 1 >= end) return at < end && bytes[at] === lf ? this.#lineEnding() : headState.more
    if (bytes[at] !== cr || bytes[at + 1] !== lf) return this.#lineEnding()
    if (!this.#takeStatus(bytes, start, at)) return headState.invalid
    this.#inStatusLine = false
    this.at = at + 2
    this.#lineStart = at + 2
    return headState.complete
  }

  /** 'HTTP/1.' minor ' ' three digits, then the end of the line or ' ' and any reason. */
  #takeStatus(bytes: Uint8Array, start: number, end: number): boolean {
    const minor = digit(bytes, start + 7)
    if (minor !== 0 && minor !== 1) return this.#refuse('HTTP version')
    const a = digit(bytes, start + 9)
    const b = digit(bytes, start + 10)
    const c = digit(bytes, start + 11)
    const ended = end === start + 12 || (end > start + 12 && bytes[start + 12] === space)
    if (!ended || bytes[start + 8] !== space || a < 0 || b < 0 || c < 0) {
      return this.#refuse('status line')
    }
    this.minor = minor
    this.status = a * 100 + b * 10 + c
    return true
  }

  #readLines(bytes: Uint8Array, end: number): HeadState {
    let at = this.at
    for (;;) {
      while (at < end && isLineByte[bytes[at] as number] === 1) at++
      this.at = at
      if (at >= end) return headState.more
      if (bytes[at] !== cr) {
        return bytes[at] === lf ? this.#lineEnding() : this.#invalid('header value')
      }
      if (at + 1 >= end) return headState.more
      if (bytes[at + 1] !== lf) return this.#lineEnding()
      const start = this.#lineStart
      this.at = at + 2
      this.#lineStart = at + 2
      if (at === start) return headState.complete
      if (!this.#takeLine(bytes, start, at)) return headState.invalid
      at += 2
    }
  }

  #takeLine(bytes: Uint8Array, start: number, end: number): boolean {
    let nameEnd = start
    while (isNameByte[bytes[nameEnd] as number] === 1) nameEnd++
    if (nameEnd === start || bytes[nameEnd] !== colon) {
      const folded = bytes[start] === space || bytes[start] === tab
      return this.#refuse(folded ? 'folded header' : 'header name')
    }
    const length = nameEnd - start
    // Only these lengths belong to a header that decides anything.
    if (length !== 10 && length !== 14 && length !== 16 && length !== 17) return true
    if (length === 16) {
      if (matches(bytes, start, contentEncoding)) this.isEncoded = true
      return true
    }
    let from = nameEnd + 1
    let to = end
    while (from < to && isBlank(bytes[from])) from++
    while (to > from && isBlank(bytes[to - 1])) to--
    if (length === 14) {
      return matches(bytes, start, contentLength) ? this.#takeLength(bytes, from, to) : true
    }
    if (length === 17) {
      return matches(bytes, start, transferEncoding) ? this.#takeCodings(bytes, from, to) : true
    }
    if (matches(bytes, start, connection)) this.#takeConnection(bytes, from, to)
    else if (matches(bytes, start, setCookie)) this.setsCookies = true
    else if (matches(bytes, start, keepAlive)) this.#takeKeepAlive(bytes, from, to)
    return true
  }

  #takeLength(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.hasTransferEncoding) return this.#refuse('length and transfer-encoding')
    if (this.contentLength >= 0) return this.#refuse('two lengths')
    let value = 0
    for (let at = from; at < to; at++) {
      const next = digit(bytes, at)
      if (next < 0) return this.#refuse('length')
      value = value * 10 + next
    }
    // More than 64 bits is nonsense; beyond 2^53 the number is inexact, but then the body is cut.
    if (from === to || value >= 2 ** 64) return this.#refuse('length')
    this.contentLength = value
    return true
  }

  /** Several lines count as one list, so the last line decides. */
  #takeCodings(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.contentLength >= 0) return this.#refuse('length and transfer-encoding')
    if (from === to) return this.#refuse('transfer-encoding')
    this.hasTransferEncoding = true
    const start = to - chunked.length
    let before = start
    while (before > from && isBlank(bytes[before - 1])) before--
    const isOfItsOwn = before === from || (before > from && bytes[before - 1] === comma)
    this.isChunked = isOfItsOwn && matches(bytes, start, chunked)
    return true
  }

  #takeConnection(bytes: Uint8Array, from: number, to: number): void {
    let start = from
    while (start < to) {
      let end = start
      while (end < to && bytes[end] !== comma) end++
      let last = end
      while (start < last && isBlank(bytes[start])) start++
      while (last > start && isBlank(bytes[last - 1])) last--
      if (last - start === 5 && matches(bytes, start, close)) this.saysClose = true
      if (last - start === 10 && matches(bytes, start, keepAlive)) this.saysKeepAlive = true
      start = end + 1
    }
  }

  #takeKeepAlive(bytes: Uint8Array, from: number, to: number): void {
    if (to - from <= timeoutIs.length || !matches(bytes, from, timeoutIs)) return
    let seconds = 0
    for (let at = from + timeoutIs.length; at < to; at++) {
      const next = digit(bytes, at)
      if (next < 0) break
      seconds = Math.min(seconds * 10 + next, 86_400)
    }
    this.keepAliveSeconds = seconds
  }

  #refuse(what: string): false {
    this.#invalid(what)
    return false
  }

  #lineEnding(): HeadState {
    return this.#invalid('line ending')
  }

  #notHttp(bytes: Uint8Array, start: number): HeadState {
    // A TLS server answers plain text with an alert record: type 21, version 3.x.
    const isTls = bytes[start] === 0x15 && (bytes[start + 1] ?? 3) === 3
    return this.#invalid(isTls ? 'the port speaks TLS' : 'not HTTP/1')
  }

  #invalid(what: string): HeadState {
    this.fault = `invalid answer: ${what}`
    return headState.invalid
  }
}

/** The bytes seen so far begin like a status line. */
function startsLike(bytes: Uint8Array, start: number, end: number): boolean {
  const length = Math.min(end - start, version1.length)
  for (let i = 0; i < length; i++) if (bytes[start + i] !== version1[i]) return false
  return true
}

/** Equal to a lower-case word, whatever the case in `bytes`. Both hold only name bytes. */
function matches(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== word[i]) return false
  }
  return true
}

function digit(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] as number) - 0x30
  return value >= 0 && value <= 9 ? value : -1
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab
}
