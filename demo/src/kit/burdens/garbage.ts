/** About what one entry takes: the object, its text and its array. */
const entryBytes = 200

interface Entry {
  readonly key: string
  readonly values: number[]
}

/**
 * Memory that requests leave behind: many small objects that live for a while. The collector has
 * to mark and move all that are alive, so its pauses grow with what is kept.
 */
export class Garbage {
  readonly #kept: Entry[][] = []
  #next = 0

  /** Puts a request's objects in the place of the oldest ones, once `keptBytesMax` are kept. */
  leave(bytes: number, keptBytesMax: number): void {
    const entries = Array.from({ length: Math.ceil(bytes / entryBytes) }, (_, n): Entry => {
      return { key: `${this.#next}:${n}`, values: [n, n + 1, n + 2, n + 3] }
    })
    const places = Math.max(1, Math.floor(keptBytesMax / Math.max(1, bytes)))
    this.#kept[this.#next % places] = entries
    this.#next += 1
    this.#kept.length = Math.min(this.#kept.length, places)
  }

  get keptBytes(): number {
    return this.#kept.reduce((sum, entries) => sum + entries.length * entryBytes, 0)
  }

  /** Nothing is kept any more. */
  clear(): void {
    this.#kept.length = 0
  }
}
