export interface StoredFile {
  readonly bytes: Buffer
  readonly contentType: string
  readonly filename: string
}

/** Files in memory, as many and as large as the limits allow; the oldest make room. */
export class FileStore {
  readonly #files = new Map<string, StoredFile>()
  readonly #limits: { readonly keptBytesMax: number; readonly keptFilesMax: number }
  #bytes = 0

  /** The limits are read at each use. */
  constructor(limits: { readonly keptBytesMax: number; readonly keptFilesMax: number }) {
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#files.size
  }

  get(id: string): StoredFile | undefined {
    return this.#files.get(id)
  }

  /** Keeps a file, in place of an earlier one of the same id. The newest is always kept. */
  keep(id: string, file: StoredFile): void {
    this.#drop(id)
    const { keptBytesMax, keptFilesMax } = this.#limits
    for (const oldest of this.#files.keys()) {
      const fits = this.#bytes + file.bytes.length <= keptBytesMax
      if (fits && this.#files.size < keptFilesMax) break
      this.#drop(oldest)
    }
    this.#files.set(id, file)
    this.#bytes += file.bytes.length
  }

  #drop(id: string): void {
    this.#bytes -= this.#files.get(id)?.bytes.length ?? 0
    this.#files.delete(id)
  }
}
