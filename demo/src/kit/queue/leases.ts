import type { Database, Query } from '../data/database.ts'
import type { Message } from './message.ts'
import type { QueueSettings } from './queue-settings.ts'
import { partitionsLimit } from './partition.ts'

/** Failed messages that are kept of one topic, for whoever wants to know why. */
const failedKeptMax = 1_000

const taken = `message.id::text as id, message.topic, message.payload, message.trace,
  message.partition, message.tries,
  (extract(epoch from now() - message.enqueued_at) * 1000)::float8 as "waitedMs"`

const lease = `state = 'leased', tries = tries + 1, lease_owner = $3,
  leased_until = now() + make_interval(secs => $4::float8 / 1000)`

/** `skip locked`: any number of consumers may ask at once, each gets others and none waits. */
const takeAnySql = `
  with next as (
    select id from queue_messages
    where topic = $1 and state = 'ready' and available_at <= now()
    order by id limit $2 for update skip locked
  )
  update queue_messages as message set ${lease}
  from next where message.id = next.id returning ${taken}`

/** Only the oldest of each partition, and none of a partition that is being worked. */
const takeHeadsSql = `
  with heads as (
    select head.id
    from generate_series(0, ${partitionsLimit - 1}) as part (number)
    cross join lateral (
      select id, state, available_at from queue_messages
      where topic = $1 and partition = part.number and state <> 'failed'
      order by id limit 1
    ) as head
    where head.state = 'ready' and head.available_at <= now() and not exists (
      select from queue_messages
      where topic = $1 and partition = part.number and state = 'leased'
    )
  ), loose as (
    select id from queue_messages
    where topic = $1 and partition is null and state = 'ready' and available_at <= now()
    order by id limit $2
  ), next as (
    select id from (select id from heads union all select id from loose) as both_kinds
    order by id limit $2
  )
  update queue_messages as message set ${lease}
  from next where message.id = next.id and message.state = 'ready' returning ${taken}`

/** A message is ours as long as nobody took it again: the owner and the number of the try. */
const ours = `id = $1::bigint and lease_owner = $2 and tries = $3 and state = 'leased'`

export interface Expired<Payload> {
  readonly id: string
  readonly state: 'ready' | 'failed'
  readonly payload: Payload
}

/** What one consuming process does to the messages of one topic. */
export class Leases<Payload> {
  readonly #database: Database
  readonly #topic: string
  readonly #owner: string
  readonly #settings: QueueSettings

  constructor(options: {
    readonly database: Database
    readonly topic: string
    /** Unique among all processes and all time. */
    readonly owner: string
    readonly settings: QueueSettings
  }) {
    this.#database = options.database
    this.#topic = options.topic
    this.#owner = options.owner
    this.#settings = options.settings
  }

  /** Up to `count` messages, the oldest first; they are ours until the lease ends. */
  async take(count: number): Promise<Message<Payload>[]> {
    const { ordered, leaseMs } = this.#settings
    const values = [this.#topic, count, this.#owner, leaseMs]
    const work = (query: Query, sql: string) => query<Message<Payload>>(sql, values)
    const messages = ordered
      ? await this.#database.transaction(async query => {
          // Of two who look at the same heads, the second must see what the first has taken.
          await query(`select pg_advisory_xact_lock(hashtext(current_schema() || $1))`, [
            this.#topic,
          ])
          return work(query, takeHeadsSql)
        })
      : await work(this.#database.query, takeAnySql)
    return messages.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)))
  }

  /** The message is done and gone. False: it had been given to another meanwhile. */
  async complete(message: Message): Promise<boolean> {
    const sql = `delete from queue_messages where ${ours} returning id`
    return (await this.#database.query(sql, this.#of(message))).length > 0
  }

  /** The message waits again, for `pauseMs` at least. Its try counts unless `uncounted`. */
  async giveBack(
    message: Message,
    how: { readonly pauseMs: number; readonly uncounted?: boolean; readonly error?: string },
  ): Promise<void> {
    await this.#database.query(
      `update queue_messages set state = 'ready', lease_owner = null, leased_until = null,
         tries = tries - $4::int, error = coalesce($6, error),
         available_at = now() + make_interval(secs => $5::float8 / 1000)
       where ${ours}`,
      [...this.#of(message), how.uncounted ? 1 : 0, how.pauseMs, how.error ?? null],
    )
  }

  /** The message stays as failed, with the reason; only the newest failed ones are kept. */
  async fail(message: Message, error: string): Promise<void> {
    await this.#database.query(
      `update queue_messages set state = 'failed', lease_owner = null, leased_until = null,
         error = $4 where ${ours}`,
      [...this.#of(message), error],
    )
    await this.#dropOldFailed()
  }

  /** Says that we are still at it. Returns those that are ours no more. */
  async renew(messages: readonly Message<Payload>[]): Promise<Message<Payload>[]> {
    if (messages.length === 0) return []
    const kept = await this.#database.query<{ id: string }>(
      `update queue_messages as message
       set leased_until = now() + make_interval(secs => $4::float8 / 1000)
       from unnest($1::bigint[], $2::int[]) as held (id, tries)
       where message.id = held.id and message.tries = held.tries
         and message.lease_owner = $3 and message.state = 'leased'
       returning message.id::text as id`,
      [
        messages.map(message => message.id),
        messages.map(message => message.tries),
        ...[this.#owner, this.#settings.leaseMs],
      ],
    )
    const keptIds = new Set(kept.map(({ id }) => id))
    return messages.filter(({ id }) => !keptIds.has(id))
  }

  /** Takes messages away from consumers that were not heard of, whoever they were. */
  async expire(): Promise<Expired<Payload>[]> {
    const expired = await this.#database.query<Expired<Payload>>(
      `update queue_messages
       set state = case when tries < $2::int then 'ready' else 'failed' end,
         lease_owner = null, leased_until = null, error = 'its consumer was not heard of any more'
       where topic = $1 and state = 'leased' and leased_until < now()
       returning id::text as id, state, payload`,
      [this.#topic, this.#settings.triesMax],
    )
    if (expired.some(({ state }) => state === 'failed')) await this.#dropOldFailed()
    return expired
  }

  #of(message: Message): unknown[] {
    return [message.id, this.#owner, message.tries]
  }

  async #dropOldFailed(): Promise<void> {
    await this.#database.query(
      `delete from queue_messages where topic = $1 and state = 'failed' and id <= (
         select id from queue_messages where topic = $1 and state = 'failed'
         order by id desc offset $2 limit 1
       )`,
      [this.#topic, failedKeptMax],
    )
  }
}
