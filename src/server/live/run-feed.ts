import type { LiveEvent } from '../api.ts'
import { eventFrame, FeedEntries, secondFrame, type EncodedSecond } from './feed-entries.ts'

type StateEvent = Extract<LiveEvent, { event: 'phase' | 'judged' }>

/** Seconds that are not in memory, encoded, of [from, to). */
export type OlderSeconds = (from: number, to: number) => Promise<readonly EncodedSecond[]>

/** Seconds that are read from the store at a time. */
const batchSeconds = 60
/** Text that is handed to a connection at a time. */
const chunkBytes = 256 * 1024

/**
 * What is told of one run while it lasts. Everything is encoded once and kept in one place; a
 * client is only a position in it, so a slow one holds nothing up and costs nothing.
 */
export class RunFeed {
  readonly #entries = new FeedEntries()
  readonly #older: OlderSeconds | undefined
  readonly #states = new Map<StateEvent['event'], Uint8Array>()
  readonly #cursors = new Set<FeedCursor>()
  #end: Uint8Array | undefined

  /** Without `older` the first seconds of a long run are nowhere: 32 MB stay in memory. */
  constructor(older?: OlderSeconds) {
    this.#older = older
  }

  get watchers(): number {
    return this.#cursors.size
  }

  get lastSecond(): number {
    return this.#entries.lastSecond
  }

  /** Seconds of [from, to) that are in memory, the newest without a hole. */
  inMemory(from: number, to: number): EncodedSecond[] {
    return this.#entries.inMemory(from, to)
  }

  /** Without bytes: `older` has them. */
  second(second: number, encoded?: Uint8Array): void {
    this.#entries.addSecond(second, encoded)
    this.#wake()
  }

  tell(event: Extract<LiveEvent, { event: 'mark' | 'log' }>): void {
    this.#entries.add(event.event, event.data)
    this.#wake()
  }

  /** Only the last of a kind counts. */
  state(event: StateEvent): void {
    this.#states.set(event.event, eventFrame(event.event, event.data))
    this.#wake()
  }

  /** Nothing more will come; clients are told and their feeds end. */
  end(id: string): void {
    this.#end = eventFrame('ended', { id })
    this.#wake()
  }

  /** Ends every client's connection; they will try again elsewhere. */
  close(): void {
    for (const cursor of [...this.#cursors]) cursor.close()
  }

  /** A client that has everything up to this id, '-1' being nothing; undefined: all that is. */
  follow(afterId: string | undefined): FeedCursor {
    const cursor: FeedCursor = new FeedCursor({
      entries: this.#entries,
      position: afterId === undefined ? this.#entries.length : this.#entries.positionAfter(afterId),
      states: this.#states,
      end: () => this.#end,
      older: this.#older ?? (() => Promise.resolve([])),
      onClose: () => this.#cursors.delete(cursor),
    })
    this.#cursors.add(cursor)
    return cursor
  }

  #wake(): void {
    for (const cursor of this.#cursors) cursor.wake()
  }
}

interface CursorOptions {
  readonly entries: FeedEntries
  readonly position: number
  readonly states: ReadonlyMap<StateEvent['event'], Uint8Array>
  readonly end: () => Uint8Array | undefined
  readonly older: OlderSeconds
  readonly onClose: () => void
}

/** Where one client is in a feed. */
export class FeedCursor {
  readonly #options: CursorOptions
  readonly #toldStates = new Map<StateEvent['event'], Uint8Array>()
  readonly #read = new Map<number, Uint8Array>()
  #position: number
  #wake: () => void = () => {}
  readonly #whenClosed: (() => void)[] = []
  #isChanged = false
  #over = false

  constructor(options: CursorOptions) {
    this.#options = options
    this.#position = options.position
  }

  /** The feed has been told to its end, or was closed. */
  get over(): boolean {
    return this.#over
  }

  /** What comes next, as much as is there but some 100 kB at most; undefined when there is none. */
  async take(): Promise<Uint8Array | undefined> {
    this.#isChanged = false
    const frames: Uint8Array[] = this.#changedStates()
    let bytes = 0
    while (bytes < chunkBytes && !this.#over) {
      const entry = this.#options.entries.at(this.#position)
      if (entry === undefined) break
      const frame =
        this.#options.entries.frameOf(entry) ?? (await this.#olderFrame(entry.second ?? 0))
      this.#position += 1
      frames.push(frame)
      bytes += frame.length
    }
    const end = this.#options.end()
    if (!this.#over && end !== undefined && this.#position >= this.#options.entries.length) {
      frames.push(...this.#changedStates(), end)
      this.close()
    }
    return frames.length === 0 ? undefined : Buffer.concat(frames)
  }

  /** Resolves when there may be more to take than the last time. */
  changed(): Promise<void> {
    if (this.#isChanged) return Promise.resolve()
    return new Promise(resolve => (this.#wake = resolve))
  }

  wake(): void {
    this.#isChanged = true
    this.#wake()
  }

  /** Ends it for this client; once. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.#options.onClose()
    for (const tell of this.#whenClosed) tell()
    this.wake()
  }

  whenClosed(tell: () => void): void {
    this.#whenClosed.push(tell)
  }

  #changedStates(): Uint8Array[] {
    const frames: Uint8Array[] = []
    for (const [event, frame] of this.#options.states) {
      if (this.#toldStates.get(event) === frame) continue
      this.#toldStates.set(event, frame)
      frames.push(frame)
    }
    return frames
  }

  /** Empty for a second that is nowhere any more: its store could not be written. */
  async #olderFrame(second: number): Promise<Uint8Array> {
    if (!this.#read.has(second)) {
      this.#read.clear()
      for (const one of await this.#options.older(second, second + batchSeconds)) {
        this.#read.set(one.second, secondFrame(one.second, one.encoded))
      }
    }
    const frame = this.#read.get(second) ?? new Uint8Array()
    this.#read.delete(second)
    return frame
  }
}
