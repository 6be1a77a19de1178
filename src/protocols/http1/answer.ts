import { decodeContent } from '../content-coding.ts'
import type { Answer } from '../exchange.ts'
import type { OpeningTimes } from '../network/dial.ts'

/** What was read of an answer; an AnswerReader has it. */
export interface ReadParts {
  readonly status: number
  /**
   * The head as sent, Latin-1, and directly behind it the body when both came in one read and the
   * body's length was declared; '' when no complete head came.
   */
  readonly text: string
  readonly headLength: number
  /** The body when it is not in `text`. */
  readonly bodyBytes: Uint8Array | undefined
  readonly setsCookies: boolean
  readonly isEncoded: boolean
}

/** How the exchange went; a connection has it. Times in µs since run start. */
export interface ExchangeParts {
  readonly failure: string | undefined
  readonly maxBodyBytes: number
  readonly startedAtUs: number
  /** When the request went out. */
  readonly sentAtUs: number
  readonly firstByteAtUs: number
  readonly endedAtUs: number
  /** undefined: the connection was reused, or none was opened. */
  readonly opening: OpeningTimes | undefined
  readonly isReused: boolean
  readonly bytesIn: number
  readonly bytesOut: number
  readonly retries: number
}

/** For an exchange that ended before a connection was at hand. */
export function answerWithout(failure: string, startedAtUs: number, endedAtUs: number): Answer {
  const exchange = {
    ...{ failure, startedAtUs, endedAtUs, sentAtUs: endedAtUs, firstByteAtUs: endedAtUs },
    ...{ maxBodyBytes: 0, opening: undefined, isReused: false },
    ...{ bytesIn: 0, bytesOut: 0, retries: 0 },
  }
  return new Http1Answer(exchange, {
    ...{
      status: 0,
      text: '',
      headLength: 0,
      bodyBytes: undefined,
      setsCookies: false,
      isEncoded: false,
    },
  })
}

const nothing: Uint8Array = new Uint8Array(0)

/** An answer that keeps one text, and makes strings and objects of it when asked. */
export class Http1Answer implements Answer {
  readonly failure: string | undefined
  readonly status: number
  readonly setsCookies: boolean
  readonly startedAtUs: number
  readonly endedAtUs: number
  readonly firstByteUs: number
  readonly downloadUs: number
  readonly connectionReused: boolean
  readonly bytesIn: number
  readonly bytesOut: number
  readonly retries: number
  readonly #text: string
  readonly #headLength: number
  readonly #opening: OpeningTimes | undefined
  readonly #maxBodyBytes: number
  readonly #isEncoded: boolean
  #raw: Uint8Array | undefined
  #decoded: Uint8Array | undefined

  constructor(exchange: ExchangeParts, read: ReadParts) {
    const answered = exchange.bytesIn > 0
    this.failure = exchange.failure
    this.status = read.status
    this.setsCookies = read.setsCookies
    this.startedAtUs = exchange.startedAtUs
    this.endedAtUs = exchange.endedAtUs
    this.firstByteUs = answered ? exchange.firstByteAtUs - exchange.sentAtUs : 0
    this.downloadUs = answered ? exchange.endedAtUs - exchange.firstByteAtUs : 0
    this.connectionReused = exchange.isReused
    this.bytesIn = exchange.bytesIn
    this.bytesOut = exchange.bytesOut
    this.retries = exchange.retries
    this.#text = read.text
    this.#headLength = read.headLength
    this.#opening = exchange.opening
    this.#maxBodyBytes = exchange.maxBodyBytes
    this.#isEncoded = read.isEncoded
    this.#raw = read.bodyBytes
    this.#decoded = undefined
  }

  get dnsUs(): number {
    return this.#opening?.dnsUs ?? 0
  }

  get connectUs(): number {
    return this.#opening?.connectUs ?? 0
  }

  get tlsUs(): number {
    return this.#opening?.tlsUs ?? 0
  }

  get statusText(): string {
    return this.#text.slice('HTTP/1.1 200 '.length, Math.max(0, this.#text.indexOf('\r\n')))
  }

  get rawBody(): Uint8Array {
    this.#raw ??=
      this.#text.length === this.#headLength
        ? nothing
        : Buffer.from(this.#text.slice(this.#headLength), 'latin1')
    return this.#raw
  }

  body(): Uint8Array {
    if (!this.#isEncoded) return this.rawBody
    this.#decoded ??= decodeContent(
      this.rawBody,
      this.header('content-encoding'),
      this.#maxBodyBytes,
    )
    return this.#decoded
  }

  header(lowerCaseName: string): string | undefined {
    let joined: string | undefined
    for (let at = this.#findLine(lowerCaseName, 0); at >= 0;) {
      const value = this.#valueAt(at + lowerCaseName.length + 1)
      joined = joined === undefined ? value : `${joined}, ${value}`
      at = this.#findLine(lowerCaseName, at)
    }
    return joined
  }

  headerLines(lowerCaseName: string): readonly string[] {
    const lines: string[] = []
    let at = this.#findLine(lowerCaseName, 0)
    while (at >= 0) {
      lines.push(this.#valueAt(at + lowerCaseName.length + 1))
      at = this.#findLine(lowerCaseName, at)
    }
    return lines
  }

  headerEntries(): readonly (readonly [name: string, value: string])[] {
    const entries: [string, string][] = []
    for (let at = this.#lineAfter(0); at >= 0; at = this.#lineAfter(at)) {
      const colon = this.#text.indexOf(':', at)
      entries.push([this.#text.slice(at, colon), this.#valueAt(colon + 1)])
    }
    return entries
  }

  /** Where the next header line of this name begins, after the line at `after`; -1: none. */
  #findLine(lowerCaseName: string, after: number): number {
    const { length } = lowerCaseName
    for (let at = this.#lineAfter(after); at >= 0; at = this.#lineAfter(at)) {
      if (this.#text.charCodeAt(at + length) !== 0x3a) continue
      if (this.#text.slice(at, at + length).toLowerCase() === lowerCaseName) return at
    }
    return -1
  }

  /** Where the header line after the one at `at` begins; -1 at the empty line behind the last. */
  #lineAfter(at: number): number {
    const end = this.#text.indexOf('\r\n', at)
    // The head ends with its empty line, so the last header line's end is four bytes before.
    return end < 0 || end + 4 >= this.#headLength ? -1 : end + 2
  }

  #valueAt(start: number): string {
    return trimmed(this.#text.slice(start, this.#text.indexOf('\r\n', start)))
  }
}

/** Without the blanks that HTTP allows around a value: space and tab only. */
function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(char: number): boolean {
  return char === 0x20 || char === 0x09
}
