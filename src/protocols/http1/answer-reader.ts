import { readBuffer } from '../network/read-buffer.ts'
import { AnswerHead, headState } from './answer-head.ts'
import { ChunkedBody } from './chunked-body.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { knownAnswer, knownText, rememberHead, type KnownAnswer } from './known-heads.ts'
import { latin1 } from '../latin1.ts'

/** Used by whoever is reading; kept by an answer whose head is cut, and replaced. */
let sharedHead = new AnswerHead()

const trailerBytesMax = 65_536

export const readState = { more: 0, complete: 1, failed: 2 } as const
export type ReadState = (typeof readState)[keyof typeof readState]

/** How the end of a body is known: RFC 9112 6.3. */
const framing = { length: 0, chunked: 1, untilClose: 2 } as const
type Framing = (typeof framing)[keyof typeof framing]

/**
 * Reads answers from the bytes of a connection, one after the other. Nothing of the bytes is kept
 * but what the answer needs: one text when all came in one read.
 */
export class AnswerReader {
  /** 0 until a final head is complete; answers of 100 to 199 are passed over. */
  status = 0
  /** The head, and behind it the body when `bodyBytes` is undefined; Latin-1. */
  text = ''
  headLength = 0
  bodyBytes: Uint8Array | undefined = undefined
  setsCookies = false
  isEncoded = false
  /** Why reading failed. */
  fault: string | undefined = undefined
  /** The answer is over and the server will take another request on the connection. */
  isPersistent = false
  /** How long an idle connection will be kept, as the server says; 0: it does not say. */
  keepAliveSeconds = 0

  #expectsBody = true
  #maxBodyBytes = 0
  #maxHeadBytes = 0
  #head: AnswerHead | undefined = undefined
  #headBytes: GrowingBytes | undefined = undefined
  #framing: Framing = framing.length
  #bytesLeft = 0
  #body: GrowingBytes | undefined = undefined
  #chunks: ChunkedBody | undefined = undefined

  /** Gets ready for the answer to a request of this method. */
  begin(method: string, maxBodyBytes: number, maxHeadBytes: number): void {
    this.status = 0
    this.text = ''
    this.headLength = 0
    this.bodyBytes = undefined
    this.setsCookies = false
    this.isEncoded = false
    this.fault = undefined
    this.isPersistent = false
    this.#expectsBody = method !== 'HEAD'
    this.#maxBodyBytes = maxBodyBytes
    this.#maxHeadBytes = maxHeadBytes
  }

  /** Lets go of the answer: an idle connection keeps nothing alive. */
  forget(): void {
    this.text = ''
    this.bodyBytes = undefined
    this.#abandon()
  }

  #abandon(): void {
    this.#head = undefined
    this.#headBytes = undefined
    this.#body = undefined
    this.#chunks = undefined
  }

  /** Takes `bytes[0..length)`, which may be overwritten afterwards. */
  read(bytes: Buffer, length: number): ReadState {
    if (this.#body !== undefined) return this.#readBody(bytes, 0, length)
    if (this.#head !== undefined) return this.#readCutHead(this.#head, bytes, length)
    const known = bytes === readBuffer ? knownAnswer(length) : undefined
    if (known !== undefined && known.head.at <= this.#maxHeadBytes) {
      return this.#takeHead(known.head, bytes, length, known)
    }
    sharedHead.reset(0)
    return this.#readHead(sharedHead, bytes, length)
  }

  /** The server has closed its side. */
  end(): ReadState {
    if (this.#body !== undefined && this.#framing === framing.untilClose) return this.#complete()
    return this.#fail('closed early')
  }

  #readCutHead(head: AnswerHead, bytes: Buffer, length: number): ReadState {
    const collected = this.#headBytes as GrowingBytes
    if (!collected.append(bytes, 0, length)) return this.#fail('head too large')
    return this.#readHead(head, collected.bytes, collected.length)
  }

  #readHead(head: AnswerHead, bytes: Buffer, end: number): ReadState {
    for (;;) {
      const state = head.read(bytes, end)
      const headEnd = state === headState.complete ? head.at : end
      if (state === headState.invalid) return this.#fail(head.fault)
      if (headEnd - head.start > this.#maxHeadBytes) return this.#fail('head too large')
      if (state === headState.more) return this.#keepCutHead(head, bytes, end)
      if (head.status < 100 || head.status >= 200) break
      // We never ask for another protocol, so nobody could speak it.
      if (head.status === 101) return this.#fail('invalid answer: protocol switch')
      head.reset(head.at)
    }
    if (bytes === readBuffer) sharedHead = rememberHead(head, end)
    return this.#takeHead(head, bytes, end)
  }

  #keepCutHead(head: AnswerHead, bytes: Buffer, end: number): ReadState {
    if (this.#head !== undefined && head.start === 0) return readState.more
    // One read more than the head may have: the rest of it can be body.
    const collected = new GrowingBytes(this.#maxHeadBytes + 65_536, end - head.start)
    collected.append(bytes, head.start, end)
    head.moved(head.start)
    if (head === sharedHead) sharedHead = new AnswerHead()
    this.#head = head
    this.#headBytes = collected
    return readState.more
  }

  #takeHead(head: AnswerHead, bytes: Buffer, end: number, known?: KnownAnswer): ReadState {
    const { start, at, contentLength } = head
    this.status = head.status
    this.setsCookies = head.setsCookies
    this.isEncoded = head.isEncoded
    this.keepAliveSeconds = head.keepAliveSeconds
    this.isPersistent = head.minor === 1 ? !head.saysClose : head.saysKeepAlive && !head.saysClose
    this.headLength = at - start
    this.#head = undefined
    this.#headBytes = undefined
    const bodyLength = this.#bodyLength(head)
    if (bodyLength >= 0 && bodyLength <= end - at && bodyLength <= this.#maxBodyBytes) {
      // Everything is here: by far the most frequent case.
      const answerEnd = at + bodyLength
      const same = known !== undefined && end === answerEnd ? knownText(known, end) : undefined
      this.text = same ?? latin1(bytes, start, answerEnd)
      if (end > answerEnd) this.isPersistent = false
      return readState.complete
    }
    this.text = latin1(bytes, start, at)
    if (bodyLength > this.#maxBodyBytes) return this.#fail('body too large')
    this.#beginBody(head.isChunked, contentLength, end - at)
    return at < end ? this.#readBody(bytes, at, end) : readState.more
  }

  /** 0 or more when it is known from the head; -1: chunked or until close. */
  #bodyLength(head: AnswerHead): number {
    const { status } = head
    if (!this.#expectsBody || status === 204 || status === 304) return 0
    return head.hasTransferEncoding ? -1 : head.contentLength
  }

  #beginBody(isChunked: boolean, contentLength: number, atHandBytes: number): void {
    const body = new GrowingBytes(
      this.#maxBodyBytes,
      contentLength < 0 ? atHandBytes : contentLength,
    )
    this.#body = body
    this.#bytesLeft = contentLength
    if (contentLength >= 0) this.#framing = framing.length
    else if (isChunked) this.#framing = framing.chunked
    else this.#framing = framing.untilClose
    if (this.#framing === framing.chunked) this.#chunks = new ChunkedBody(body, trailerBytesMax)
    if (this.#framing === framing.untilClose) this.isPersistent = false
  }

  #readBody(bytes: Buffer, from: number, end: number): ReadState {
    if (this.#framing === framing.chunked) return this.#readChunks(bytes, from, end)
    const body = this.#body as GrowingBytes
    const to = this.#framing === framing.untilClose ? end : Math.min(end, from + this.#bytesLeft)
    if (!body.append(bytes, from, to)) return this.#fail('body too large')
    if (this.#framing === framing.untilClose) return readState.more
    this.#bytesLeft -= to - from
    if (this.#bytesLeft > 0) return readState.more
    if (to < end) this.isPersistent = false
    return this.#complete()
  }

  #readChunks(bytes: Buffer, from: number, end: number): ReadState {
    const chunks = this.#chunks as ChunkedBody
    const to = chunks.read(bytes, from, end)
    if (chunks.fault !== undefined) return this.#fail(chunks.fault)
    if (!chunks.isComplete) return readState.more
    if (to < end) this.isPersistent = false
    return this.#complete()
  }

  #complete(): ReadState {
    this.bodyBytes = this.#body?.take()
    this.#abandon()
    return readState.complete
  }

  #fail(fault: string): ReadState {
    this.fault = fault
    this.isPersistent = false
    this.#abandon()
    return readState.failed
  }
}
