import { assert } from '../../base/index.ts'

/** Something of the feed that every client gets once, in order. */
export interface FeedEntry {
  /** What a client says at Last-Event-ID when this was the last it got. */
  readonly id: string
  /** Of a second: its number. */
  readonly second?: number
  /** Of a second: its bytes; undefined when only the store has them. */
  encoded?: Uint8Array | undefined
  /** The text on the wire; a second's is made when it is first sent, and not kept for ever. */
  frame: Uint8Array | undefined
}

/** A second by its number. */
export interface EncodedSecond {
  readonly second: number
  readonly encoded: Uint8Array
}

/** Bytes of seconds that stay in memory; older ones are read from the store. */
const memoryBytes = 32 * 1024 * 1024
/** Log lines are no measurement: a client that was away for long misses the oldest. */
const linesMax = 1000
/** The newest seconds are sent to everybody: their text is kept. */
const framesKept = 60

const utf8 = new TextEncoder()

/**
 * Seconds, marks and log lines of a run in the order in which they were told. A second's id is its
 * number; what follows second 12 is 12.1, 12.2 ...: so an id of another process (this one began
 * anew) still says where to go on.
 */
export class FeedEntries {
  readonly #entries: FeedEntry[] = []
  #bytes = 0
  #oldestInMemory = 0
  #lastSecond = -1
  #afterSecond = 0
  readonly #lines: FeedEntry[] = []
  readonly #framed: FeedEntry[] = []

  get length(): number {
    return this.#entries.length
  }

  /** Number of the last second; -1 before the first. */
  get lastSecond(): number {
    return this.#lastSecond
  }

  at(position: number): FeedEntry | undefined {
    return this.#entries[position]
  }

  /** Adds a second; without bytes when the store has them. */
  addSecond(second: number, encoded?: Uint8Array): void {
    assert(second > this.#lastSecond, `second ${second} came after ${this.#lastSecond}`)
    this.#entries.push({ id: String(second), second, encoded, frame: undefined })
    this.#lastSecond = second
    this.#afterSecond = 0
    this.#bytes += encoded?.length ?? 0
    this.#forget()
  }

  /** Adds something that happened after the last second. */
  add(event: 'mark' | 'log', data: unknown): void {
    this.#afterSecond += 1
    const id = `${Math.max(0, this.#lastSecond)}.${this.#afterSecond}`
    const known = this.#lastSecond < 0 ? `-${id}` : id
    const entry: FeedEntry = { id: known, frame: eventFrame(event, data, known) }
    this.#entries.push(entry)
    if (event !== 'log') return
    this.#lines.push(entry)
    if (this.#lines.length > linesMax) this.#lines.shift()!.frame = utf8.encode('')
  }

  /** The text of an entry; undefined for a second that is in the store only. */
  frameOf(entry: FeedEntry): Uint8Array | undefined {
    if (entry.frame !== undefined || entry.encoded === undefined) return entry.frame
    const frame = secondFrame(entry.second ?? 0, entry.encoded)
    if ((entry.second ?? 0) <= this.#lastSecond - framesKept) return frame
    entry.frame = frame
    this.#framed.push(entry)
    if (this.#framed.length > framesKept) this.#framed.shift()!.frame = undefined
    return frame
  }

  /** Seconds of [from, to) that are in memory, the newest without a hole. */
  inMemory(from: number, to: number): EncodedSecond[] {
    const found: EncodedSecond[] = []
    for (let position = this.#entries.length - 1; position >= 0; position -= 1) {
      const { second, encoded } = this.#entries[position]!
      if (second === undefined || second >= to) continue
      if (second < from || encoded === undefined) break
      found.push({ second, encoded })
    }
    return found.reverse()
  }

  /** Where to go on after this id: the position of what is next. Unknown text is the beginning. */
  positionAfter(id: string | undefined): number {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(id ?? '')
    if (match === null) return 0
    const [, before, second, followers] = match
    let position = before === '-' ? 0 : this.#positionAfterSecond(Number(second))
    for (let told = Number(followers ?? 0); told > 0; told -= 1) {
      const next = this.#entries[position]
      if (next === undefined || next.second !== undefined) break
      position += 1
    }
    return position
  }

  #positionAfterSecond(second: number): number {
    let position = 0
    for (const [index, entry] of this.#entries.entries()) {
      if (entry.second === undefined) continue
      if (entry.second > second) break
      position = index + 1
    }
    return position
  }

  #forget(): void {
    while (this.#bytes > memoryBytes && this.#oldestInMemory < this.#entries.length - 1) {
      const entry = this.#entries[this.#oldestInMemory]
      this.#oldestInMemory += 1
      if (entry?.encoded === undefined) continue
      this.#bytes -= entry.encoded.length
      entry.encoded = undefined
    }
  }
}

/** A second as an event on the wire. */
export function secondFrame(second: number, encoded: Uint8Array): Uint8Array {
  const { buffer, byteOffset, byteLength } = encoded
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  return eventFrame('second', base64, String(second))
}

/** An event on the wire; JSON has no line breaks of its own. */
export function eventFrame(event: string, data: unknown, id?: string): Uint8Array {
  const named = id === undefined ? '' : `id: ${id}\n`
  return utf8.encode(`${named}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
