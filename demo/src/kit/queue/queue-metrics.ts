import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Database } from '../data/database.ts'
import { Problem } from '../http/problem.ts'

const states = ['waiting', 'delayed', 'leased', 'failed'] as const

interface DepthRow {
  readonly topic: string
  /** 'delayed' waits for its next try. */
  readonly state: (typeof states)[number]
  readonly partition: number | null
  readonly count: number
  readonly ageS: number
}

const depthSql = `
  select topic, partition, count(*)::int as count,
    case when state <> 'ready' then state when available_at > now() then 'delayed'
      else 'waiting' end as state,
    extract(epoch from now() - min(enqueued_at))::float8 as "ageS"
  from queue_messages group by 1, 2, 4`

const secondsBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]
const topicLabel = 'messaging_destination_name'
const partitionLabel = 'messaging_destination_partition_id'

/** The numbers of a service's queues, named after OpenTelemetry where it has names. */
export class QueueMetrics {
  readonly #registry: Registry
  readonly #database: Database
  readonly #topics: readonly string[]
  readonly #sent: Counter
  readonly #consumed: Counter
  readonly #redelivered: Counter
  readonly #duration: Histogram
  readonly #wait: Histogram
  readonly #consumers = new Map<string, () => { readonly allowed: number; readonly busy: number }>()
  #reading: Promise<DepthRow[] | undefined> | undefined

  constructor(options: {
    readonly registry: Registry
    readonly database: Database
    readonly topics: readonly string[]
  }) {
    this.#registry = options.registry
    this.#database = options.database
    this.#topics = options.topics
    const counter = (name: string, help: string, ...more: string[]) =>
      new Counter({ name, help, labelNames: [topicLabel, ...more], registers: [this.#registry] })
    const histogram = (name: string, help: string) => {
      const labelNames = [topicLabel]
      const registers = [this.#registry]
      return new Histogram({ name, help, labelNames, buckets: secondsBuckets, registers })
    }
    this.#sent = counter(
      'messaging_client_sent_messages_total',
      'Messages put into the queue; with an error type: refused',
      'error_type',
    )
    this.#consumed = counter(
      'messaging_client_consumed_messages_total',
      'Messages worked to an end; with an error type: tries that failed',
      'error_type',
    )
    this.#redelivered = counter(
      'messaging_redelivered_messages_total',
      'Messages taken that had been taken before',
    )
    this.#duration = histogram('messaging_process_duration_seconds', 'Time of one try')
    this.#wait = histogram('messaging_queue_wait_seconds', 'From enqueueing to being taken')
    this.#showDepths()
    this.#showConsumers()
  }

  /** `error` is empty for a message that was accepted. */
  countSent(topic: string, error: string): void {
    this.#sent.inc({ [topicLabel]: topic, error_type: error })
  }

  countTaken(topic: string, message: { readonly tries: number; readonly waitedMs: number }): void {
    if (message.tries > 1) this.#redelivered.inc({ [topicLabel]: topic })
    this.#wait.observe({ [topicLabel]: topic }, message.waitedMs / 1_000)
  }

  /** `error` is empty for a message that is done. */
  countWorked(topic: string, error: string, tookMs: number): void {
    this.#consumed.inc({ [topicLabel]: topic, error_type: error })
    this.#duration.observe({ [topicLabel]: topic }, tookMs / 1_000)
  }

  /** `read` tells how many consumers there may be now, and how many are at work. */
  watchConsumers(topic: string, read: () => { allowed: number; busy: number }): void {
    this.#consumers.set(topic, read)
  }

  #showDepths(): void {
    this.#gauge({
      name: 'messaging_queue_depth',
      help: 'Messages by state: waiting, delayed until their next try, leased, failed',
      labelNames: [topicLabel, 'state'],
      show: (gauge, rows) => {
        for (const topic of this.#topics) {
          for (const state of states) gauge.set({ [topicLabel]: topic, state }, 0)
        }
        for (const { topic, state, count } of rows) {
          gauge.inc({ [topicLabel]: topic, state }, count)
        }
      },
    })
    this.#gauge({
      name: 'messaging_queue_partition_depth',
      help: 'Messages that wait or are worked, by partition; partitions without any are left out',
      labelNames: [topicLabel, partitionLabel],
      show: (gauge, rows) => {
        for (const { topic, state, partition, count } of rows) {
          if (partition === null || state === 'failed') continue
          gauge.inc({ [topicLabel]: topic, [partitionLabel]: String(partition) }, count)
        }
      },
    })
    this.#gauge({
      name: 'messaging_queue_oldest_message_age_seconds',
      help: 'Age of the oldest message that waits; 0 when none does',
      labelNames: [topicLabel],
      show: (gauge, rows) => {
        for (const topic of this.#topics) gauge.set({ [topicLabel]: topic }, oldestS(rows, topic))
      },
    })
  }

  #showConsumers(): void {
    const consumers = this.#consumers
    new Gauge({
      name: 'messaging_consumers',
      help: 'Consumers of this process, by state',
      labelNames: [topicLabel, 'state'],
      registers: [this.#registry],
      collect() {
        for (const [topic, read] of consumers) {
          const { allowed, busy } = read()
          this.set({ [topicLabel]: topic, state: 'busy' }, busy)
          this.set({ [topicLabel]: topic, state: 'idle' }, Math.max(0, allowed - busy))
        }
      },
    })
  }

  /** Read when Prometheus asks. Without the database there are no values, rather than no page. */
  #gauge(options: {
    readonly name: string
    readonly help: string
    readonly labelNames: string[]
    readonly show: (gauge: Gauge, rows: readonly DepthRow[]) => void
  }): void {
    const { name, help, labelNames, show } = options
    const read = () => this.#depths()
    new Gauge({
      ...{ name, help, labelNames, registers: [this.#registry] },
      async collect() {
        const rows = await read()
        this.reset()
        if (rows !== undefined) show(this, rows)
      },
    })
  }

  /** All gauges of one page share one reading; undefined when the database does not answer. */
  #depths(): Promise<DepthRow[] | undefined> {
    this.#reading ??= this.#database
      .query<DepthRow>(depthSql)
      .catch((error: unknown) => {
        if (error instanceof Problem) return undefined
        throw error
      })
      .finally(() => {
        this.#reading = undefined
      })
    return this.#reading
  }
}

function oldestS(rows: readonly DepthRow[], topic: string): number {
  const waiting = rows.filter(({ state }) => state === 'waiting' || state === 'delayed')
  return Math.max(0, ...waiting.filter(row => row.topic === topic).map(row => row.ageS))
}
