import { assert, type Random } from '../../base/index.ts'
import type { DataPlan, DataRows } from '../../plan/index.ts'

export type Row = Readonly<Record<string, string>>

/** Gives out this worker's rows of one data source, as the source declares. */
export class DataFeed {
  readonly plan: DataPlan
  readonly #rows: readonly (readonly string[])[]
  /** Objects are made when first given. */
  readonly #made: (Row | undefined)[] = []
  #given = 0

  constructor(plan: DataPlan, rows: DataRows) {
    this.plan = plan
    this.#rows = rows.rows
  }

  /** False when `next` would find no row. */
  get hasNext(): boolean {
    return this.plan.give !== 'unique' || this.#given < this.#rows.length
  }

  /** The next row; undefined when a source of unique rows has none left. */
  next(random: Random): Row | undefined {
    const count = this.#rows.length
    if (this.plan.give === 'unique') {
      return this.#given < count ? this.#make(this.#given++) : undefined
    }
    assert(count > 0, `data source ${this.plan.name}: this worker got no rows`)
    const index = this.plan.give === 'random' ? random.int(0, count - 1) : this.#given++ % count
    return (this.#made[index] ??= this.#make(index))
  }

  #make(index: number): Row {
    const values = this.#rows[index]
    assert(values !== undefined, `data source ${this.plan.name} has no row ${index}`)
    return Object.freeze(
      Object.fromEntries(this.plan.columns.map((column, at) => [column, values[at] ?? ''])),
    )
  }
}

/** The feeds of a scenario, by when a fresh row is due. */
export class DataFeeds {
  readonly #perUser: readonly DataFeed[]
  readonly #perIteration: readonly DataFeed[]
  readonly #exhausted: (source: string) => void

  /** `exhausted` hears the name of a source that ran out. */
  constructor(
    plans: readonly DataPlan[],
    rows: readonly DataRows[],
    exhausted: (source: string) => void,
  ) {
    const feeds = plans.map(plan => {
      const mine = rows.find(({ name }) => name === plan.name)
      assert(mine !== undefined, `no rows came for data source ${plan.name}`)
      return new DataFeed(plan, mine)
    })
    this.#perUser = feeds.filter(({ plan }) => plan.per === 'user')
    this.#perIteration = feeds.filter(({ plan }) => plan.per === 'iteration')
    this.#exhausted = exhausted
  }

  get any(): boolean {
    return this.#perUser.length + this.#perIteration.length > 0
  }

  /** True when one more user would get its rows. */
  get servesAnotherUser(): boolean {
    return this.#perUser.every(feed => feed.hasNext)
  }

  /** Fills in the rows of a new user; false when a source ran out. */
  fillUser(data: Record<string, Row>, random: Random): boolean {
    return this.#fill(this.#perUser, data, random)
  }

  /** Puts the rows of the next iteration in; false when a source ran out. */
  fillIteration(data: Record<string, Row>, random: Random): boolean {
    return this.#fill(this.#perIteration, data, random)
  }

  #fill(feeds: readonly DataFeed[], data: Record<string, Row>, random: Random): boolean {
    for (const feed of feeds) {
      const row = feed.next(random)
      if (row === undefined) {
        this.#exhausted(feed.plan.name)
        return false
      }
      data[feed.plan.name] = row
    }
    return true
  }
}
