import type { ScrapeTarget, SeriesRecorder } from './series-recorder.ts'

export interface ScraperOptions {
  /** Asked before every round: processes come and go. */
  readonly targets: () => Promise<readonly ScrapeTarget[]>
  readonly intervalMs: number
  readonly recorder: SeriesRecorder
}

/** A page is waited for at least so long, however short the interval. */
const patienceMs = 2_000

/** Scrapes all targets together in a fixed rhythm; a round that takes too long skips the next. */
export class Scraper {
  readonly #options: ScraperOptions
  readonly #timer: NodeJS.Timeout
  #round: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #lastTargets: readonly ScrapeTarget[] = []

  constructor(options: ScraperOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.scrape(), options.intervalMs)
    void this.scrape()
  }

  /** Resolves when the round that is under way, or one that starts now, is done. */
  scrape(): Promise<void> {
    this.#round ??= this.#scrapeAll().finally(() => (this.#round = undefined))
    return this.#round
  }

  /** One last round, and no more. */
  stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped ??= Promise.resolve(this.#round).then(() => this.scrape())
    return this.#stopped
  }

  async #scrapeAll(): Promise<void> {
    // A shop that does not say what there is now still has what it had.
    const targets = await this.#options.targets().catch(() => this.#lastTargets)
    this.#lastTargets = targets
    await Promise.all(targets.map(target => this.#scrapeOne(target)))
  }

  async #scrapeOne(target: ScrapeTarget): Promise<void> {
    const { recorder, intervalMs } = this.#options
    const atUnixMs = Date.now()
    const startedMs = performance.now()
    const page = await pageOf(target.url, Math.max(intervalMs, patienceMs))
    const tookMs = performance.now() - startedMs
    recorder.add(target, { atUnixMs, tookMs, ...(page === undefined ? {} : { page }) })
  }
}

async function pageOf(url: string, withinMs: number): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(withinMs) })
    const text = await answer.text()
    return answer.ok ? text : undefined
  } catch {
    // Not an answer: recorded as up = 0.
    return undefined
  }
}
