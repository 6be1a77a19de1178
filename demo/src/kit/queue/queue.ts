import type { Database, Query } from '../data/database.ts'
import { Problem } from '../http/problem.ts'
import type { ServiceMetrics } from '../telemetry/metrics.ts'
import type { NewMessage } from './message.ts'
import { partitionOf } from './partition.ts'
import { QueueMetrics } from './queue-metrics.ts'
import type { QueueSettings } from './queue-settings.ts'

/**
 * The queues of one service, one per topic, in its own schema (queueTableSql). All processes of
 * the service share them.
 */
export class MessageQueue {
  readonly database: Database
  readonly settings: QueueSettings
  readonly metrics: QueueMetrics
  readonly #wakers = new Map<string, Set<() => void>>()

  /** `topics` are those whose numbers are shown even while they are empty. */
  constructor(options: {
    readonly database: Database
    readonly settings: QueueSettings
    readonly metrics: ServiceMetrics
    readonly topics: readonly string[]
  }) {
    this.database = options.database
    this.settings = options.settings
    const { metrics, database, topics } = options
    this.metrics = new QueueMetrics({ registry: metrics.registry, database, topics })
  }

  /**
   * Puts a message in; throws 429 when as many wait as may. Requests that come at the same moment
   * may together exceed the limit by as many as the pool has connections.
   */
  async enqueue(message: NewMessage): Promise<void> {
    await this.enqueueWithin(this.database.query, message)
    this.wake(message.topic)
  }

  /** The same as part of a transaction; `wake` the consumers once it is committed. */
  async enqueueWithin(query: Query, message: NewMessage): Promise<void> {
    const { topic, payload, partitionKey, trace = {} } = message
    const { queueDepthMax, partitions } = this.settings
    const partition = partitionKey === undefined ? null : partitionOf(partitionKey, partitions)
    const made = await query(
      `insert into queue_messages (topic, partition, payload, trace)
       select $1::text, $2::int, $3::jsonb, $4::jsonb
       where (
         select count(*) from (
           select from queue_messages where topic = $1::text and state = 'ready' limit $5::int
         ) as waiting
       ) < $5::int
       returning id`,
      [topic, partition, JSON.stringify(payload), JSON.stringify(trace), queueDepthMax],
    )
    this.metrics.countSent(topic, made.length > 0 ? '' : 'queue_full')
    if (made.length > 0) return
    throw new Problem(429, `too many ${topic} wait; come again later`, { 'retry-after': '5' })
  }

  /** Has the consumers of this process look at once. */
  wake(topic: string): void {
    for (const waker of this.#wakers.get(topic) ?? []) waker()
  }

  /** Calls `waker` whenever there may be something new. Returns how to stop that. */
  onWake(topic: string, waker: () => void): () => void {
    const wakers = this.#wakers.get(topic) ?? new Set()
    this.#wakers.set(topic, wakers.add(waker))
    return () => wakers.delete(waker)
  }
}
