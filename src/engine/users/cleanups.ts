import type { Clock, Log } from '../../base/index.ts'

/** Registered work of all users of a worker; more than this is refused and counted. */
const keptCleanups = 100_000
/** Users whose cleanups run at the same time: deleting what a run made is no load test. */
const usersAtOnce = 64

type Cleanup = () => Promise<void>

/**
 * Who registered it; `beginCleanup` opens its session again, unmeasured, `endCleanup` closes it
 * afterwards.
 */
export interface CleanupOwner {
  beginCleanup(): void
  endCleanup(): void
  cleanupFailed(thrown: unknown): void
}

/** What users registered with `user.cleanup`, kept until the end of the run. */
export class Cleanups {
  readonly #byOwner = new Map<CleanupOwner, Cleanup[]>()
  #kept = 0
  #refused = 0
  #hurry: (() => void) | undefined

  add(owner: CleanupOwner, run: Cleanup): void {
    if (this.#kept === keptCleanups) {
      this.#refused += 1
      return
    }
    this.#kept += 1
    const mine = this.#byOwner.get(owner)
    if (mine === undefined) this.#byOwner.set(owner, [run])
    else mine.push(run)
  }

  /**
   * Runs everything, each user's work last registered first, and resolves when all is done,
   * `boundUs` are over, or `hurry` says so. What is left then is named in the log.
   */
  async run(options: { clock: Clock; log: Log; boundUs: number }): Promise<void> {
    const { clock, log, boundUs } = options
    if (this.#refused > 0) {
      log.warn(`${this.#refused} cleanups were not kept: a worker keeps ${keptCleanups}`)
    }
    if (this.#byOwner.size === 0) return
    let cancel = () => {}
    let over = false
    const bound = new Promise<void>(resolve => {
      this.#hurry = () => {
        cancel()
        cancel = clock.after(hurriedUs, resolve)
      }
      cancel = clock.after(boundUs, resolve)
    })
    const queue = [...this.#byOwner]
    const lanes = Array.from({ length: usersAtOnce }, async () => {
      for (let next = queue.pop(); next !== undefined && !over; next = queue.pop()) {
        await this.#runOwner(next[0], next[1], () => over)
      }
    })
    await Promise.race([Promise.all(lanes), bound])
    over = true
    cancel()
    for (const owner of this.#byOwner.keys()) owner.endCleanup()
    if (this.#kept > 0) log.warn(`${this.#kept} cleanups did not finish in time`)
  }

  /** Leaves running cleanups two seconds. */
  hurry(): void {
    this.#hurry?.()
  }

  async #runOwner(owner: CleanupOwner, mine: Cleanup[], over: () => boolean): Promise<void> {
    owner.beginCleanup()
    for (let run = mine.pop(); run !== undefined; run = mine.pop()) {
      try {
        await run()
      } catch (thrown) {
        if (over()) return
        owner.cleanupFailed(thrown)
      }
      if (over()) return
      this.#kept -= 1
    }
    owner.endCleanup()
  }
}

const hurriedUs = 2_000_000
