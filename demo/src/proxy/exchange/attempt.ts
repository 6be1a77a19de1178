import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Cluster } from '../cluster/cluster.ts'
import type { Connection, RequestHead } from '../cluster/connection.ts'
import type { Host } from '../cluster/host.ts'
import type { Waiter } from '../cluster/pool.ts'
import { failureOf, type Failure } from './failure.ts'
import type { RequestBody } from './request-body.ts'

export interface AttemptOptions {
  readonly cluster: Cluster
  readonly host: Host
  readonly head: RequestHead
  readonly body: RequestBody
  /** 0: none. */
  readonly timeoutMs: number
  readonly onAnswer: (answer: IncomingMessage) => void
  /** At most once, before or after the answer's head; nothing comes afterwards. */
  readonly onFailure: (failure: Failure) => void
}

/** One try of a request at one endpoint: waits for a connection, sends, and has the answer. */
export class Attempt {
  readonly host: Host
  readonly #options: AttemptOptions
  readonly #waiter: Waiter
  #state: 'waiting' | 'open' | 'ended' = 'waiting'
  #request: ClientRequest | undefined
  #timer: NodeJS.Timeout | undefined
  #discarded = false

  constructor(options: AttemptOptions) {
    this.#options = options
    this.host = options.host
    this.#waiter = {
      onConnection: connection => this.#send(connection),
      onRefused: why => this.#fail(why),
    }
  }

  /** Answers and failures may come before this returns. */
  start(): void {
    this.host.openTries += 1
    this.host.pool.acquire(this.#waiter)
  }

  /** All of the request has come: the time of the try begins, unless it waits for a connection. */
  startTimeout(): void {
    const { timeoutMs } = this.#options
    if (timeoutMs <= 0 || this.#state !== 'open') return
    this.#timer = setTimeout(() => {
      this.#options.cluster.stats.counts.upstream_rq_per_try_timeout += 1
      this.#fail('per-try-timeout')
    }, timeoutMs)
  }

  /** The try's time counts up to the answer's head. */
  stopTimeout(): void {
    clearTimeout(this.#timer)
  }

  /** Another try takes over: the rest of the answer is read, so that its connection can go on. */
  discard(answer: IncomingMessage): void {
    this.#discarded = true
    answer.resume()
  }

  /** Nobody wants its result any more. Does nothing when it has ended. */
  abort(): void {
    if (this.#state === 'ended') return
    const { counts } = this.#options.cluster.stats
    if (this.#state === 'waiting') this.host.pool.cancel(this.#waiter)
    if (this.#state === 'open') counts.upstream_rq_tx_reset += 1
    this.#end()
    this.#request?.destroy()
  }

  #send(connection: Connection): void {
    const { cluster, body, head, onAnswer } = this.#options
    this.#state = 'open'
    cluster.breakers.requests += 1
    cluster.stats.counts.upstream_rq_total += 1
    let request: ClientRequest
    try {
      request = connection.request(head)
    } catch {
      // Node refuses to write this head; the connection has not seen it.
      connection.close()
      this.#fail('protocol-error')
      return
    }
    this.#request = request
    request.on('error', error => this.#fail(failureOf(error)))
    // Whatever else ends it, an answer to an upgrade that nobody asked for among it.
    request.on('close', () => this.#fail('termination'))
    request.on('response', answer => {
      answer.on('error', error => this.#fail(failureOf(error)))
      answer.on('end', () => this.#complete())
      if (this.#state === 'open') onAnswer(answer)
    })
    if (body.complete) this.startTimeout()
    body.attach(request)
  }

  /** An answer that is complete before its request leaves a connection that is of no use. */
  #complete(): void {
    const early = !this.#options.body.complete
    this.#end()
    if (early) this.#request?.destroy()
  }

  #fail(failure: Failure): void {
    if (this.#state === 'ended') return
    const { stats } = this.#options.cluster
    if (failure === 'termination' || failure === 'remote-reset') {
      stats.counts.upstream_rq_rx_reset += 1
    }
    if (failure === 'protocol-error') stats.counts.upstream_cx_protocol_error += 1
    if (failure === 'per-try-timeout') stats.counts.upstream_rq_tx_reset += 1
    if (this.#state === 'open') stats.counts.upstream_cx_destroy_with_active_rq += 1
    this.#end()
    this.#request?.destroy()
    if (!this.#discarded) this.#options.onFailure(failure)
  }

  #end(): void {
    if (this.#state === 'ended') return
    clearTimeout(this.#timer)
    this.host.openTries -= 1
    if (this.#state === 'open') {
      this.#options.cluster.breakers.requests -= 1
      this.#options.body.detach()
    }
    this.#state = 'ended'
  }
}
