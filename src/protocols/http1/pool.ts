import { assert } from '../../base/index.ts'
import type { Answer, ExchangeRequest } from '../exchange.ts'
import type { Timed } from '../network/deadlines.ts'
import { answerWithout } from './answer.ts'
import {
  Connection,
  type ConnectionOwner,
  type ConnectionSettings,
  type PendingExchange,
} from './connection.ts'

/** Exchanges that wait for a connection to one origin; one more fails at once. */
const waitingMax = 100_000

/** The connections of one client to one origin. The one used last is used first. */
export class Pool implements ConnectionOwner {
  readonly settings: ConnectionSettings
  readonly #connectionsMax: number
  readonly #open = new Set<Connection>()
  readonly #idle: Connection[] = []
  #waiting: Set<WaitingExchange> | undefined = undefined
  #isClosed = false

  constructor(settings: ConnectionSettings, connectionsMax: number) {
    assert(connectionsMax > 0, `maxConnectionsPerOrigin is ${connectionsMax}`)
    this.settings = settings
    this.#connectionsMax = connectionsMax
  }

  exchange(request: ExchangeRequest, done: (answer: Answer) => void, startedAtUs: number): void {
    let idle = this.#idle.pop()
    while (idle !== undefined) {
      if (idle.isGood(startedAtUs)) return idle.reuse(request, done, startedAtUs, startedAtUs)
      idle.end('closed early')
      idle = this.#idle.pop()
    }
    this.#start({ request, done, startedAtUs, retries: 0, bytesOut: 0 })
  }

  /** Ends all connections and everything that waits. */
  close(): void {
    this.#isClosed = true
    for (const waiting of this.#waiting ?? []) waiting.end('aborted', this.#nowUs())
    for (const connection of this.#open) connection.end('aborted')
  }

  freed(connection: Connection): void {
    this.#idle.push(connection)
    const next = this.#nextWaiting()
    if (next === undefined) return
    const { request, done, startedAtUs } = next
    this.#idle.pop()
    connection.reuse(request, done, startedAtUs, this.#nowUs())
  }

  lost(connection: Connection): void {
    this.#open.delete(connection)
    const index = this.#idle.lastIndexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    if (this.#isClosed || this.#open.size >= this.#connectionsMax) return
    const next = this.#nextWaiting()
    if (next !== undefined) this.#openFor(next)
  }

  again(exchange: PendingExchange): void {
    this.#start(exchange)
  }

  #start(exchange: PendingExchange): void {
    if (this.#open.size < this.#connectionsMax) return this.#openFor(exchange)
    this.#waiting ??= new Set()
    const waiting = new WaitingExchange(exchange, this.#waiting, this.settings)
    if (this.#waiting.size < waitingMax) return waiting.wait()
    setImmediate(() => waiting.end('too many exchanges wait for a connection', this.#nowUs()))
  }

  #openFor(exchange: PendingExchange): void {
    const connection = new Connection(this)
    this.#open.add(connection)
    connection.open(exchange)
  }

  #nextWaiting(): WaitingExchange | undefined {
    if (this.#waiting === undefined || this.#waiting.size === 0) return undefined
    const next = this.#waiting.values().next().value
    next?.leave()
    return next
  }

  #nowUs(): number {
    return this.settings.network.clock.nowUs()
  }
}

/** An exchange in the queue of its origin. */
class WaitingExchange implements PendingExchange, Timed {
  readonly request: ExchangeRequest
  readonly done: (answer: Answer) => void
  readonly startedAtUs: number
  readonly retries: number
  readonly bytesOut: number
  readonly deadlineUs: number
  deadlineIndex = -1
  readonly #queue: Set<WaitingExchange>
  readonly #settings: ConnectionSettings

  constructor(
    exchange: PendingExchange,
    queue: Set<WaitingExchange>,
    settings: ConnectionSettings,
  ) {
    this.request = exchange.request
    this.done = exchange.done
    this.startedAtUs = exchange.startedAtUs
    this.retries = exchange.retries
    this.bytesOut = exchange.bytesOut
    this.deadlineUs = exchange.startedAtUs + exchange.request.timeoutUs
    this.#queue = queue
    this.#settings = settings
  }

  wait(): void {
    this.#queue.add(this)
    this.#settings.network.deadlines.add(this)
  }

  leave(): void {
    this.#queue.delete(this)
    this.#settings.network.deadlines.remove(this)
  }

  expire(nowUs: number): void {
    this.end('timeout waiting for a connection', nowUs)
  }

  end(failure: string, nowUs: number): void {
    this.leave()
    this.done(answerWithout(failure, this.startedAtUs, nowUs))
  }
}
