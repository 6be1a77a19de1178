import { readBuffer, readWords } from '../network/read-buffer.ts'
import { AnswerHead } from './answer-head.ts'
import { latin1 } from '../latin1.ts'

const slotsCount = 16
const answerBytesMax = 2_048
/** A slot that keeps missing takes every eighth head: heads that never repeat cost little. */
const missesPerChange = 8

/** An answer that was read before. */
export interface KnownAnswer {
  /** What was read from its head. */
  readonly head: AnswerHead
}

interface Slot extends KnownAnswer {
  readonly words: Int32Array
  /** The same memory. */
  readonly bytes: Uint8Array
  head: AnswerHead
  /** Bytes of the whole answer in `words`, or of its head when the whole is too large. */
  length: number
  /** The whole answer, once it came a second time; '' before. */
  text: string
  misses: number
}

const slots: (Slot | undefined)[] = Array.from({ length: slotsCount }, () => undefined)

/**
 * A server's answers to the same question have the same head to the byte, but for the date, which
 * changes once a second. Comparing with heads that were read before costs a tenth of reading one.
 * Works on the thread's read buffer only; `length` bytes of it are filled. The head found must not
 * be changed. undefined: not known.
 */
export function knownAnswer(length: number): KnownAnswer | undefined {
  const slot = slots[length % slotsCount]
  if (slot === undefined) return undefined
  const headLength = slot.head.at
  if (headLength <= length && isSame(slot, 0, headLength)) {
    slot.misses = 0
    return slot
  }
  slot.misses++
  return undefined
}

/**
 * The first `length` bytes of the read buffer, which begin with a head found by `knownAnswer`: one
 * text for all answers that are the same to the last byte. undefined: this one is another.
 */
export function knownText(known: KnownAnswer, length: number): string | undefined {
  const slot = known as Slot
  if (slot.length !== length || !isSame(slot, slot.head.at, length)) return undefined
  if (slot.text === '') slot.text = latin1(readBuffer, 0, length)
  return slot.text
}

/**
 * Offers a complete head that begins at byte 0 of the read buffer, in `length` bytes. Returns the
 * AnswerHead to use from now on: the one given is kept when the head is remembered.
 */
export function rememberHead(head: AnswerHead, length: number): AnswerHead {
  const index = length % slotsCount
  const slot = slots[index]
  if (head.start !== 0 || head.at > answerBytesMax) return head
  if (slot !== undefined && slot.misses % missesPerChange !== 1) return head
  const taken = slot ?? newSlot()
  const spare = taken.head
  taken.head = head
  taken.length = length <= answerBytesMax ? length : head.at
  taken.words.set(readWords.subarray(0, (taken.length + 3) >> 2))
  taken.text = ''
  slots[index] = taken
  return spare
}

function newSlot(): Slot {
  const words = new Int32Array(answerBytesMax / 4)
  const bytes = new Uint8Array(words.buffer)
  return { words, bytes, head: new AnswerHead(), length: 0, text: '', misses: 0 }
}

/** Compares words from the one that holds `from`, and the last bytes one by one. */
function isSame({ words, bytes }: Slot, from: number, to: number): boolean {
  const whole = to >> 2
  for (let at = from >> 2; at < whole; at++) if (readWords[at] !== words[at]) return false
  for (let at = whole << 2; at < to; at++) if (readBuffer[at] !== bytes[at]) return false
  return true
}
