import { messageOf } from '../../base/index.ts'
import type { Sql, SqlDatabase } from '../sql/sql-database.ts'

/** What may wait for a slow disk or a database that is away: ten minutes of a run with 50 names. */
const waitingEntriesMax = 1000
const waitingBytesMax = 64 * 1024 * 1024
/** After a failure so many further entries come before the next try, twice as many each time. */
const waitAfterFailureMax = 32

interface Entry {
  readonly bytes: number
  /** Nothing is missing without it. */
  readonly isSpare: boolean
  readonly write: (sql: Sql, lost: number) => Promise<void>
}

/**
 * Writes entries in order, those that wait together in one transaction. What could not be written
 * is tried again with later entries, so a database that was away for a while misses nothing; beyond
 * a limit entries are lost and counted. The first trouble is told, and at the end what is missing.
 */
export class WriteQueue {
  readonly #database: SqlDatabase
  readonly #onTrouble: (message: string) => void
  #waiting: Entry[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #failures = 0
  #entriesUntilNextTry = 0
  #lost = 0
  #isTold = false
  #isOver = false

  constructor(database: SqlDatabase, onTrouble: (message: string) => void) {
    this.#database = database
    this.#onTrouble = onTrouble
  }

  /** `write` is told how many entries were lost before it. */
  add(bytes: number, write: Entry['write']): void {
    if (this.#hasRoomFor(bytes)) this.#wait({ bytes, write, isSpare: false })
    else this.lose('it is too slow')
    if (this.#entriesUntilNextTry > 0) this.#entriesUntilNextTry -= 1
    else void this.#start()
  }

  /** The last entry, without which a run looks killed: there is always room for it. */
  addLast(write: Entry['write']): void {
    this.#wait({ bytes: 0, write, isSpare: false })
  }

  /** An entry that may be left out; written with others, it does not ask for a try of its own. */
  addSpare(bytes: number, write: Entry['write']): void {
    if (this.#isOver || !this.#hasRoomFor(bytes)) return
    this.#wait({ bytes, write, isSpare: true })
    if (this.#entriesUntilNextTry === 0) void this.#start()
  }

  /** Counts an entry that will not be written. */
  lose(reason: string): void {
    this.#lost += 1
    this.#tell(reason)
  }

  /** Resolves when all that waits was written, or could not be written once more. */
  async end(): Promise<void> {
    await this.#writing
    if (this.#waiting.length > 0) await this.#start()
  }

  /** What waits is lost; tells how much is missing. Nothing is written any more. */
  giveUp(): void {
    this.#isOver = true
    this.#lost += this.#waiting.filter(({ isSpare }) => !isSpare).length
    this.#waiting = []
    if (this.#lost === 0) return
    const entries = this.#lost === 1 ? '1 entry' : `${this.#lost} entries`
    this.#onTrouble(`the store ${this.#database.name} misses ${entries} of this run`)
  }

  #hasRoomFor(bytes: number): boolean {
    const isFull = this.#waiting.length >= waitingEntriesMax
    return !isFull && this.#waitingBytes + bytes <= waitingBytesMax
  }

  #wait(entry: Entry): void {
    this.#waiting.push(entry)
    this.#waitingBytes += entry.bytes
  }

  #start(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined))
    return this.#writing
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = [...this.#waiting]
      try {
        await this.#database.transaction(async sql => {
          for (const { write } of batch) await write(sql, this.#lost)
        })
      } catch (error) {
        this.#failures += 1
        this.#entriesUntilNextTry = Math.min(waitAfterFailureMax, 2 ** this.#failures)
        if (batch.some(({ isSpare }) => !isSpare)) this.#tell(messageOf(error))
        return
      }
      this.#failures = 0
      this.#waiting = this.#waiting.slice(batch.length)
      this.#waitingBytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0)
    }
  }

  #tell(reason: string): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#onTrouble(
      `the store ${this.#database.name} cannot be written: ${reason}; the run goes on`,
    )
  }
}
