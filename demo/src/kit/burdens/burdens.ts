import { createHash } from 'node:crypto'
import { brotliCompressSync } from 'node:zlib'
import type { BurdenSettings } from './burden-settings.ts'
import { workOnDocuments } from './document-work.ts'
import { collectAll, LiveObjects } from './live-objects.ts'

const lookMs = 50

/** Does what the settings of one process ask for besides its service; reads them at each use. */
export class Burdens {
  readonly #settings: BurdenSettings
  readonly #timer: NodeJS.Timeout
  readonly #live = new LiveObjects()
  #pausedAtMs = performance.now()
  #collectedAtMs = performance.now()

  constructor(settings: BurdenSettings) {
    this.#settings = settings
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Before a request is answered. */
  onRequest(): void {
    const { extraCpuUs } = this.#settings
    if (extraCpuUs > 0) workOnDocuments(extraCpuUs)
  }

  /** Headers of an answer: the tag of a large one is made from its smallest form. */
  headersFor(body: Buffer): Record<string, string> {
    const { compressFromBytes } = this.#settings
    if (compressFromBytes <= 0 || body.length < compressFromBytes) return {}
    const digest = createHash('sha256').update(brotliCompressSync(body)).digest('base64url')
    return { etag: `"${digest.slice(0, 22)}"` }
  }

  #look(): void {
    const { pauseEveryMs, pauseMs, liveBytes, collectEveryMs } = this.#settings
    this.#live.growTo(liveBytes)
    if (collectEveryMs > 0 && performance.now() - this.#collectedAtMs >= collectEveryMs) {
      this.#collectedAtMs = performance.now()
      collectAll()
    }
    if (pauseEveryMs <= 0 || performance.now() - this.#pausedAtMs < pauseEveryMs) return
    this.#pausedAtMs = performance.now()
    workOnDocuments(pauseMs * 1_000)
  }
}
