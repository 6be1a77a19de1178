import { randomUUID } from 'node:crypto'
import { Problem } from '../http/problem.ts'
import { noTracing, traced, type TraceSpan, type Tracing } from '../telemetry/tracing.ts'
import { Leases } from './leases.ts'
import { Postponed, Unworkable, type Message } from './message.ts'
import type { MessageQueue } from './queue.ts'
import { Wait } from './wait.ts'

export interface ConsumerOptions<Payload> {
  readonly queue: MessageQueue
  readonly topic: string
  /**
   * Works one message. What it throws makes it be tried again, later; see Postponed and
   * Unworkable. When `signal` says that the process stops it may throw anything: the message waits
   * for another process.
   */
  readonly work: (message: Message<Payload>, context: WorkContext) => Promise<void>
  /** Told, at least once, of each message that will not be tried again. */
  readonly onFailed?: (payload: Payload, reason: string) => Promise<void>
  /** @default no traces */
  readonly tracing?: Pick<Tracing, 'consume'>
}

export interface WorkContext {
  readonly signal: AbortSignal
  /** The step of the trace that works the message: calls and statements belong below it. */
  readonly span: TraceSpan
}

/** One of the consumers: works what it took at once, one message after another. */
interface Slot<Payload> {
  readonly index: number
  readonly batch: Message<Payload>[]
  busy: boolean
}

/** A lease is renewed and lost consumers are looked for at least so often. */
const beatMsMax = 1_000

/**
 * The consumers of one topic in one process. How many there are, and everything else, is read from
 * the queue's settings at each use. While a consumer lives its messages stay leased to it; when it
 * dies they come back after `leaseMs`.
 */
export class QueueConsumer<Payload> {
  readonly #options: ConsumerOptions<Payload>
  readonly #leases: Leases<Payload>
  readonly #stopped = new AbortController()
  readonly #wait = new Wait()
  readonly #beatWait = new Wait()
  readonly #slots: Slot<Payload>[] = []
  readonly #working = new Set<Promise<void>>()
  /** Those that are being worked, with those that wait in a consumer's batch. */
  readonly #held = new Map<string, Message<Payload>>()
  readonly #taking: Promise<void>
  readonly #beating: Promise<void>
  readonly #sleepOn: () => void

  constructor(options: ConsumerOptions<Payload>) {
    const { queue, topic } = options
    const { database, settings } = queue
    this.#options = options
    this.#leases = new Leases({ database, topic, owner: randomUUID(), settings })
    this.#sleepOn = queue.onWake(topic, () => this.#wait.end())
    queue.metrics.watchConsumers(topic, () => ({
      allowed: settings.consumers,
      busy: this.#slots.filter(slot => slot.busy).length,
    }))
    this.#taking = this.#take()
    this.#beating = this.#beat()
  }

  /** Takes nothing more, waits for the work at hand, and gives back what was not begun. */
  async stop(): Promise<void> {
    this.#sleepOn()
    this.#stopped.abort()
    this.#wait.end()
    await this.#taking
    await Promise.all(this.#working)
    this.#beatWait.end()
    await this.#beating
  }

  async #take(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#takeAndDeal()
      // Until a consumer is done, something was put in, or it is time to look again.
      await this.#wait.for(Math.max(1, this.#options.queue.settings.pollMs))
    }
  }

  async #takeAndDeal(): Promise<void> {
    const { settings, metrics } = this.#options.queue
    const hungry = this.#hungry()
    const wanted = hungry.length * Math.max(1, Math.floor(settings.prefetch))
    const messages = wanted === 0 ? [] : await orNothing(this.#leases.take(wanted), [])
    messages.forEach((message, index) => {
      metrics.countTaken(message.topic, message)
      this.#held.set(message.id, message)
      hungry[index % hungry.length]!.batch.push(message)
    })
    for (const slot of hungry) if (slot.batch.length > 0) this.#start(slot)
  }

  /** Consumers with nothing to do, as many as the setting allows now. */
  #hungry(): Slot<Payload>[] {
    const allowed = this.#options.queue.settings.consumers
    while (this.#slots.length < allowed) {
      this.#slots.push({ index: this.#slots.length, batch: [], busy: false })
    }
    return this.#slots.filter(slot => slot.index < allowed && !slot.busy)
  }

  #start(slot: Slot<Payload>): void {
    slot.busy = true
    const working = this.#workBatch(slot).finally(() => {
      slot.busy = false
      this.#working.delete(working)
      this.#wait.end()
    })
    this.#working.add(working)
  }

  /** A consumer that is not wanted any more finishes the message at hand and returns the others. */
  async #workBatch(slot: Slot<Payload>): Promise<void> {
    const { settings } = this.#options.queue
    for (let message = slot.batch.shift(); message; message = slot.batch.shift()) {
      // Not ours any more: it was given to another while it waited here.
      if (this.#held.get(message.id) !== message) continue
      const wanted = slot.index < settings.consumers && !this.#stopped.signal.aborted
      const uncounted = { pauseMs: 0, uncounted: true }
      if (wanted) await this.#workOne(message)
      else await orNothing(this.#leases.giveBack(message, uncounted), undefined)
      this.#forget(message)
    }
  }

  /** The same message may have been taken anew meanwhile: that one stays. */
  #forget(message: Message<Payload>): void {
    if (this.#held.get(message.id) === message) this.#held.delete(message.id)
  }

  async #workOne(message: Message<Payload>): Promise<void> {
    const startedMs = performance.now()
    let failure: unknown
    let failed = false
    const { tracing = noTracing, work } = this.#options
    const { topic: destination, id, trace: headers } = message
    const span = tracing.consume({ destination, id, headers })
    try {
      await traced(span, () => work(message, { signal: this.#stopped.signal, span }))
    } catch (error) {
      failed = true
      failure = error
    }
    const error = failed ? errorName(failure) : ''
    const tookMs = performance.now() - startedMs
    this.#options.queue.metrics.countWorked(message.topic, error, tookMs)
    // When the database cannot be told, the lease runs out and the message is worked again.
    const told = failed ? this.#settle(message, failure) : this.#leases.complete(message)
    await orNothing<unknown>(told, undefined)
  }

  async #settle(message: Message<Payload>, failure: unknown): Promise<void> {
    const reason = failure instanceof Error ? failure.message : String(failure)
    if (this.#stopped.signal.aborted) {
      return this.#leases.giveBack(message, { pauseMs: 0, uncounted: true })
    }
    if (failure instanceof Postponed) {
      const { pauseMs } = failure
      return this.#leases.giveBack(message, { pauseMs, uncounted: true, error: reason })
    }
    if (!(failure instanceof Problem || failure instanceof Unworkable)) console.error(failure)
    const { triesMax, retryPauseMs } = this.#options.queue.settings
    if (message.tries < triesMax && !(failure instanceof Unworkable)) {
      const pauseMs = retryPauseMs * 2 ** (message.tries - 1)
      return this.#leases.giveBack(message, { pauseMs, error: reason })
    }
    await this.#options.onFailed?.(message.payload, reason)
    await this.#leases.fail(message, reason)
  }

  /** Keeps our own messages ours and takes those of the dead away from them. */
  async #beat(): Promise<void> {
    while (!this.#stopped.signal.aborted || this.#held.size > 0) {
      const { leaseMs } = this.#options.queue.settings
      await this.#beatWait.for(Math.max(1, Math.min(leaseMs / 3, beatMsMax)))
      await orNothing(this.#renewAndExpire(), undefined)
    }
  }

  async #renewAndExpire(): Promise<void> {
    const lost = await this.#leases.renew([...this.#held.values()])
    for (const message of lost) this.#forget(message)
    for (const { state, payload } of await this.#leases.expire()) {
      if (state === 'ready') this.#wait.end()
      else await this.#options.onFailed?.(payload, 'its consumers died over it')
    }
  }
}

/** While the database is away there is nothing to take and nothing to say; it comes back. */
async function orNothing<T>(work: Promise<T>, nothing: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Problem) return nothing
    throw error
  }
}

const errorName = (error: unknown) => {
  if (error instanceof Problem) return String(error.status)
  return error instanceof Error ? error.name : 'unknown'
}
