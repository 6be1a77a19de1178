import { AnswerHead, headState } from './answer-head.ts'
import { GrowingBytes } from './growing-bytes.ts'

const lf = 0x0a
const cr = 0x0d
const semicolon = 0x3b

/** A chunk-size line beyond this is an attack or a mistake, not an extension. */
const lineMax = 16_384

const at = {
  /** Before the first digit of a size. */
  size: 0,
  digits: 1,
  extension: 2,
  sizeLf: 3,
  data: 4,
  dataCr: 5,
  dataLf: 6,
  trailer: 7,
  complete: 8,
} as const
type At = (typeof at)[keyof typeof at]

/** Takes chunked framing off a body (RFC 9112 7.1), cut anywhere; the trailer is left out. */
export class ChunkedBody {
  readonly body: GrowingBytes
  /** Set as soon as something is wrong: the failure of the exchange. */
  fault: string | undefined
  readonly #trailerMax: number
  #at: At = at.size
  /** Bytes left of the chunk, or its size while the digits come. */
  #left = 0
  #lineLength = 0
  #trailer: Trailer | undefined

  constructor(body: GrowingBytes, trailerMax: number) {
    this.body = body
    this.#trailerMax = trailerMax
  }

  get isComplete(): boolean {
    return this.#at === at.complete
  }

  /** Reads `bytes[from..end)`; returns the first byte that is not of this body, or `end`. */
  read(bytes: Uint8Array, from: number, end: number): number {
    let next = from
    while (next < end && this.#at !== at.complete && this.fault === undefined) {
      if (this.#at === at.data) next = this.#readData(bytes, next, end)
      else if (this.#at === at.trailer) next = this.#readTrailer(bytes, next, end)
      else this.#readFraming(bytes[next++] as number)
    }
    return next
  }

  #readFraming(byte: number): void {
    if (this.#at === at.size || this.#at === at.digits) this.#readSize(byte)
    else if (this.#at === at.extension) this.#readExtension(byte)
    else if (this.#at === at.sizeLf) this.#expect(byte, lf, this.#left === 0 ? at.trailer : at.data)
    else if (this.#at === at.dataCr) this.#expect(byte, cr, at.dataLf)
    else this.#expect(byte, lf, at.size)
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      if (this.#at === at.size) this.#left = this.#lineLength = 0
      this.#at = at.digits
      this.#left = this.#left * 16 + digit
      // 64 bits is the most that anyone means; leading zeros count as an overlong line.
      if (this.#left >= 2 ** 64 || ++this.#lineLength > lineMax) this.#invalid('chunk size')
    } else if (this.#at === at.digits && byte === cr) {
      this.#at = at.sizeLf
    } else if (this.#at === at.digits && byte === semicolon) {
      this.#at = at.extension
    } else {
      this.#invalid('chunk size')
    }
  }

  #readExtension(byte: number): void {
    if (byte === cr) this.#at = at.sizeLf
    else if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f || ++this.#lineLength > lineMax) {
      this.#invalid('chunk extension')
    }
  }

  #readData(bytes: Uint8Array, from: number, end: number): number {
    const to = Math.min(end, from + this.#left)
    this.#left -= to - from
    if (!this.body.append(bytes, from, to)) this.fault = 'body too large'
    if (this.#left === 0) this.#at = at.dataCr
    return to
  }

  #readTrailer(bytes: Uint8Array, from: number, end: number): number {
    const isEmpty = from + 1 < end && bytes[from] === cr && bytes[from + 1] === lf
    if (this.#trailer === undefined && isEmpty) {
      this.#at = at.complete
      return from + 2
    }
    this.#trailer ??= new Trailer(this.#trailerMax)
    const next = this.#trailer.read(bytes, from, end)
    if (this.#trailer.isComplete) this.#at = at.complete
    this.fault = this.#trailer.fault
    return next
  }

  #expect(byte: number, wanted: number, then: At): void {
    if (byte === wanted) this.#at = then
    else this.#invalid('chunk framing')
  }

  #invalid(what: string): void {
    this.fault = `invalid answer: ${what}`
  }
}

/** The header lines after the last chunk, collected until they are whole. */
class Trailer {
  isComplete = false
  fault: string | undefined
  readonly #maxBytes: number
  readonly #head = new AnswerHead()
  readonly #lines: GrowingBytes

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#lines = new GrowingBytes(maxBytes, 0)
    this.#head.resetForTrailer(0)
  }

  /** Like ChunkedBody.read. */
  read(bytes: Uint8Array, from: number, end: number): number {
    const before = this.#lines.length
    const to = Math.min(end, from + this.#maxBytes - before)
    this.#lines.append(bytes, from, to)
    const state = this.#head.read(this.#lines.bytes, this.#lines.length)
    this.isComplete = state === headState.complete
    if (state === headState.invalid) this.fault = this.#head.fault
    if (this.isComplete) return from + (this.#head.at - before)
    if (this.#lines.length === this.#maxBytes) this.fault ??= 'invalid answer: trailer too large'
    return to
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
