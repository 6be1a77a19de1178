import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../../kit/data/database.ts'
import { Problem } from '../../kit/http/problem.ts'

export interface WorkerSettings {
  workers: number
  pollMs: number
  reportDays: number
  pauseMs: number
}

/**
 * Takes jobs off the table one by one. `for update skip locked` lets any number of workers, also
 * of other processes, ask at once: each gets another job, none waits.
 */
export class JobWorkers {
  readonly #database: Database
  readonly #settings: WorkerSettings
  readonly #stopped = new AbortController()
  readonly #loops: Promise<void>[]
  #sleepers: (() => void)[] = []

  constructor(options: { readonly database: Database; readonly settings: WorkerSettings }) {
    this.#database = options.database
    this.#settings = options.settings
    this.#loops = Array.from({ length: options.settings.workers }, () => this.#loop())
  }

  /** A job was added: one idle worker looks at once. */
  wake(): void {
    this.#sleepers.shift()?.()
  }

  /** Ends after the day each worker is at; the job it leaves is picked up by the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    for (const wake of this.#sleepers.splice(0)) wake()
    await Promise.all(this.#loops)
  }

  async #loop(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        const id = await this.#take()
        if (id === undefined) await this.#sleep()
        else await this.#work(id)
      } catch (error) {
        // The database may be away for a while; the job stays on the table.
        if (!(error instanceof Problem)) throw error
        await this.#sleep()
      }
    }
  }

  async #take(): Promise<string | undefined> {
    const [job] = await this.#database.query<{ id: string }>(
      `update jobs set status = 'running' where id = (
         select id from jobs where status = 'queued'
         order by created_at for update skip locked limit 1
       ) returning id`,
    )
    return job?.id
  }

  /** One report: the events of each day summed up, one query a day, the progress kept. */
  async #work(id: string): Promise<void> {
    const days: object[] = []
    for (let day = 0; day < this.#settings.reportDays; day += 1) {
      if (this.#stopped.signal.aborted) return
      const [sum] = await this.#database.query<{ calls: number; endpoints: number }>(
        `select coalesce(sum(calls), 0)::int as calls, count(distinct endpoint)::int as endpoints
         from usage_events where day = $1`,
        [day],
      )
      days.push({ day, ...sum })
      if (day % 10 === 9) await this.#keepProgress(id, (day + 1) / this.#settings.reportDays)
      await delay(this.#settings.pauseMs)
    }
    await this.#database.query(
      `update jobs set status = 'completed', progress = 1, result = $2, finished_at = now()
       where id = $1`,
      [id, JSON.stringify({ days })],
    )
  }

  async #keepProgress(id: string, progressRatio: number): Promise<void> {
    await this.#database.query('update jobs set progress = $2 where id = $1', [id, progressRatio])
  }

  async #sleep(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#sleepers.push(resolve)
    const timer = setTimeout(resolve, this.#settings.pollMs)
    await promise
    clearTimeout(timer)
    this.#sleepers = this.#sleepers.filter(sleeper => sleeper !== resolve)
  }
}
