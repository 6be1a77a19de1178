import { setTimeout as delay } from 'node:timers/promises'
import type { HeldConnection } from './pool.ts'

/** Rows are passed on in pages, as fast as the receiver takes them. */
const pageRows = 50
const pageMs = 10

interface ExportSettings {
  readonly poolExports: number
  readonly poolExportMs: number
}

/**
 * Exports of a service's tables to somebody who takes the rows slowly. Each keeps one connection of
 * the pool that requests use too, for one transaction that is idle most of its time. As many as the
 * settings say run at once; one that has ended begins anew.
 */
export class Exports {
  readonly #settings: ExportSettings
  readonly #take: () => Promise<HeldConnection>
  /** By place: those at places beyond what is wanted end. */
  readonly #running = new Map<number, Promise<void>>()
  #ended = false

  /** `take` waits for a connection; what it throws is tried again. */
  constructor(options: {
    readonly settings: ExportSettings
    readonly take: () => Promise<HeldConnection>
  }) {
    this.#settings = options.settings
    this.#take = options.take
  }

  /** To be called after the settings changed. */
  adjust(): void {
    for (let place = 0; place < this.#wanted; place += 1) {
      if (this.#running.has(place)) continue
      this.#running.set(
        place,
        this.#run(place).finally(() => this.#running.delete(place)),
      )
    }
  }

  /** Resolves when none runs any more. */
  async end(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#running.values())
  }

  get #wanted(): number {
    return this.#ended ? 0 : this.#settings.poolExports
  }

  async #run(place: number): Promise<void> {
    while (place < this.#wanted) {
      // Requests get no connection now and then, and neither does an export.
      const held = await this.#take().catch(() => undefined)
      if (held) await this.#export(held, place).then(() => held.release(), held.release)
      else await delay(pageMs)
    }
  }

  async #export({ client }: HeldConnection, place: number): Promise<void> {
    const endMs = performance.now() + this.#settings.poolExportMs
    await client.query('begin isolation level repeatable read, read only')
    const [table] = (await client.query<{ name: string }>(largestTable)).rows
    await client.query(`declare export scroll cursor for select * from ${table?.name}`)
    while (performance.now() < endMs && place < this.#wanted) {
      const { rowCount } = await client.query(`fetch ${pageRows} from export`)
      if (rowCount === 0) await client.query('move absolute 0 from export')
      await delay(pageMs)
    }
    await client.query('commit')
  }
}

const largestTable = `
  select oid::regclass::text as name from pg_class
  where relkind = 'r' and relnamespace = current_schema()::regnamespace
  order by pg_relation_size(oid) desc limit 1`
