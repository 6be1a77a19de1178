import { messageOf, type Clock } from '../../base/index.ts'
import type { Mark } from '../../metrics/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import type { EncodedSecond } from './feed-entries.ts'
import { RunFeed, type FeedCursor, type OlderSeconds } from './run-feed.ts'

const pollPeriodUs = 1_000_000

/** Seconds of a stored run, as a feed reads those that it has not in memory. */
export function olderFrom(store: RunStore, id: string): OlderSeconds {
  return async (from, to) => {
    const seconds: EncodedSecond[] = []
    for await (const one of store.eachSecond(id, { from, to })) {
      seconds.push({ second: one.first, encoded: one.encoded() })
    }
    return seconds
  }
}

/**
 * Feeds of runs that another process makes, or made: read from the store once a second while
 * somebody listens, once for all who do.
 */
export class StoredFeeds {
  readonly #store: RunStore
  readonly #clock: Clock
  readonly #following = new Map<string, Follower>()

  constructor(store: RunStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** `afterId` undefined: what is stored by now is known. */
  follow(run: StoredRun, afterId: string | undefined): FeedCursor {
    let follower = this.#following.get(run.id)
    if (follower === undefined || follower.over) {
      follower = new Follower({ store: this.#store, clock: this.#clock, run })
      this.#following.set(run.id, follower)
    }
    return follower.feed.follow(afterId)
  }

  close(): void {
    for (const follower of this.#following.values()) follower.stop()
  }
}

class Follower {
  readonly feed: RunFeed
  readonly #store: RunStore
  readonly #clock: Clock
  readonly #id: string
  #marks = 0
  #cancel: () => void = () => {}
  over = false

  constructor(options: {
    readonly store: RunStore
    readonly clock: Clock
    readonly run: StoredRun
  }) {
    const { store, clock, run } = options
    this.#store = store
    this.#clock = clock
    this.#id = run.id
    this.feed = new RunFeed(olderFrom(store, run.id))
    this.#take(run)
    if (!this.over) this.#wait()
  }

  stop(): void {
    this.over = true
    this.#cancel()
    this.feed.close()
  }

  #wait(): void {
    this.#cancel = this.#clock.after(pollPeriodUs, () => {
      // Nobody listens any more: whoever comes next begins anew.
      if (this.feed.watchers === 0) this.over = true
      else void this.#poll()
    })
  }

  async #poll(): Promise<void> {
    try {
      this.#take(await this.#store.find(this.#id))
    } catch (error) {
      // A store that is away comes back; a run that was deleted has nothing more to tell.
      const data = { level: 'warn', message: `the run cannot be read: ${messageOf(error)}` }
      this.feed.tell({ event: 'log', data })
    }
    if (!this.over) this.#wait()
  }

  /** Marks and seconds come in the order in which the run's own process told them. */
  #take(run: StoredRun): void {
    const marks = run.marks.slice(this.#marks)
    this.#marks = run.marks.length
    for (let second = this.feed.lastSecond + 1; second < run.seconds; second += 1) {
      while (marks[0] !== undefined && toldBefore(marks[0], second)) {
        this.feed.tell({ event: 'mark', data: marks.shift()! })
      }
      this.feed.second(second)
    }
    for (const mark of marks) this.feed.tell({ event: 'mark', data: mark })
    if (run.state === 'running') return
    this.over = true
    this.feed.end(this.#id)
  }
}

/**
 * A second is told when it is over, after what was done in it; a stage and a broken threshold are
 * told with the second in which they were seen.
 */
function toldBefore({ atUs, kind }: Mark, second: number): boolean {
  const isSeenLater = kind === 'stage' || kind === 'threshold'
  return atUs < (isSeenLater ? second : second + 1) * 1e6
}
