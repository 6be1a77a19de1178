import type { ClusterPolicy } from '../contract.ts'
import type { ClusterStats } from '../stats/cluster-stats.ts'
import type { Breakers } from './breakers.ts'
import { Connection, ConnectTimeoutError } from './connection.ts'
import { WrongServiceError, type Connecting } from './transport.ts'

/** One try that wants a connection. Exactly one of the two is called, maybe at once. */
export interface Waiter {
  readonly onConnection: (connection: Connection) => void
  readonly onRefused: (why: 'overflow' | 'connect-failure' | 'connect-timeout') => void
}

export interface PoolOptions {
  readonly connect: () => Connecting
  readonly policy: () => ClusterPolicy
  readonly breakers: Breakers
  readonly stats: ClusterStats
  /** Nothing is open any more; called once, after drain(). */
  readonly onEmpty: () => void
}

/**
 * The connections to one endpoint. Source: Envoy, "Connection pooling" and "Circuit breaking",
 * HTTP/1.1: a try takes the connection used last, or waits for one; a connection is made for each
 * that waits, as far as the cluster's connectionsMax allows, and one in any case, so that no try
 * waits for ever at an endpoint without connections. When a connection cannot be made, all that
 * wait are refused.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #all = new Set<Connection>()
  readonly #free: Connection[] = []
  #waiting: Waiter[] = []
  #connecting = 0
  #draining = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** The bytes of connections that are open. */
  get bytes(): { readonly read: number; readonly written: number } {
    let read = 0
    let written = 0
    for (const connection of this.#all) {
      read += connection.bytesRead
      written += connection.bytesWritten
    }
    return { read, written }
  }

  acquire(waiter: Waiter): void {
    const { breakers, stats } = this.#options
    if (!breakers.mayRequest) {
      this.#refuse(waiter)
      return
    }
    const free = this.#takeFree()
    if (free) {
      waiter.onConnection(free)
    } else if (!breakers.mayWait) {
      stats.counts.upstream_rq_pending_overflow += 1
      waiter.onRefused('overflow')
    } else {
      stats.counts.upstream_rq_pending_total += 1
      breakers.pending += 1
      this.#waiting.push(waiter)
      this.#connectForWaiting()
    }
  }

  /** It waits no longer. Nothing happens if it does not wait. */
  cancel(waiter: Waiter): void {
    const index = this.#waiting.indexOf(waiter)
    if (index === -1) return
    this.#waiting.splice(index, 1)
    this.#options.breakers.pending -= 1
    this.#options.stats.counts.upstream_rq_cancelled += 1
    this.#endIfEmpty()
  }

  /** Lets open and waiting tries finish, and closes each connection when it gets free. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#free.splice(0)) connection.close()
    this.#endIfEmpty()
  }

  #takeFree(): Connection | undefined {
    for (;;) {
      const connection = this.#free.pop()
      if (!connection || connection.usable) return connection
    }
  }

  #refuse(waiter: Waiter): void {
    const { stats } = this.#options
    stats.counts.upstream_rq_pending_overflow += 1
    stats.counts.upstream_rq_active_overflow += 1
    waiter.onRefused('overflow')
  }

  #connectForWaiting(): void {
    const { breakers, stats } = this.#options
    while (this.#waiting.length > this.#connecting) {
      if (!breakers.mayConnect) {
        stats.counts.upstream_cx_overflow += 1
        if (this.#all.size > 0) return
      }
      this.#connect()
    }
  }

  #connect(): void {
    const { breakers, stats, policy } = this.#options
    breakers.connections += 1
    this.#connecting += 1
    stats.counts.upstream_cx_total += 1
    stats.counts.upstream_cx_http1_total += 1
    const connection: Connection = new Connection({
      connecting: this.#options.connect(),
      connectTimeoutMs: policy().connectTimeoutMs,
      onConnected: () => this.#onConnected(connection),
      onFailed: error => this.#onFailed(connection, error),
      mayKeep: () => this.#mayKeep(connection),
      onFree: () => this.#onFree(connection),
      onClosed: () => this.#onClosed(connection),
    })
    this.#all.add(connection)
  }

  #onConnected(connection: Connection): void {
    const { stats } = this.#options
    this.#connecting -= 1
    stats.cxConnectMs.observe(performance.now() - connection.startedMs)
    if (connection.isTls) stats.counts.ssl_handshake += 1
    if (connection.sessionReused) stats.counts.ssl_session_reused += 1
    this.#onFree(connection)
  }

  #onFailed(connection: Connection, error: Error): void {
    const { stats, breakers } = this.#options
    const timedOut = error instanceof ConnectTimeoutError
    this.#connecting -= 1
    stats.counts.upstream_cx_connect_fail += 1
    if (timedOut) stats.counts.upstream_cx_connect_timeout += 1
    countTlsFailure(stats, { error, isTls: connection.isTls })
    this.#remove(connection)
    const waiting = this.#waiting
    this.#waiting = []
    breakers.pending -= waiting.length
    stats.counts.upstream_rq_pending_failure_eject += waiting.length
    for (const waiter of waiting) {
      waiter.onRefused(timedOut ? 'connect-timeout' : 'connect-failure')
    }
    this.#endIfEmpty()
  }

  #mayKeep(connection: Connection): boolean {
    const { requestsPerConnectionMax } = this.#options.policy()
    const worn = requestsPerConnectionMax > 0 && connection.requests >= requestsPerConnectionMax
    if (worn) this.#options.stats.counts.upstream_cx_max_requests += 1
    const keep = !worn && (!this.#draining || this.#waiting.length > 0)
    if (!keep) connection.closedHere = true
    return keep
  }

  #onFree(connection: Connection): void {
    const { breakers } = this.#options
    for (let waiter = this.#waiting.shift(); waiter; waiter = this.#waiting.shift()) {
      breakers.pending -= 1
      if (breakers.mayRequest) {
        waiter.onConnection(connection)
        return
      }
      this.#refuse(waiter)
    }
    if (this.#draining) connection.close()
    else this.#free.push(connection)
  }

  #onClosed(connection: Connection): void {
    const { stats } = this.#options
    const index = this.#free.indexOf(connection)
    if (index !== -1) this.#free.splice(index, 1)
    stats.counts.upstream_cx_destroy += 1
    if (connection.closedHere) stats.counts.upstream_cx_destroy_local += 1
    else stats.counts.upstream_cx_destroy_remote += 1
    stats.cxLengthMs.observe(performance.now() - connection.startedMs)
    stats.rqPerCx.observe(connection.requests)
    this.#remove(connection)
    this.#connectForWaiting()
    this.#endIfEmpty()
  }

  #remove(connection: Connection): void {
    const { breakers, stats } = this.#options
    this.#all.delete(connection)
    breakers.connections -= 1
    stats.bytesRead += connection.bytesRead
    stats.bytesWritten += connection.bytesWritten
  }

  #endIfEmpty(): void {
    if (this.#draining && this.#all.size === 0 && this.#waiting.length === 0) {
      this.#options.onEmpty()
    }
  }
}

function countTlsFailure(
  stats: ClusterStats,
  of: { readonly error: Error; readonly isTls: boolean },
): void {
  const code = 'code' in of.error ? String(of.error.code) : ''
  if (of.error instanceof WrongServiceError) stats.counts.ssl_fail_verify_san += 1
  else if (/^(UNABLE_TO|CERT_|SELF_SIGNED|DEPTH_ZERO)/.test(code)) {
    stats.counts.ssl_fail_verify_error += 1
  } else if (of.isTls && /^(ERR_SSL|EPROTO|ECONNRESET)/.test(code)) {
    stats.counts.ssl_connection_error += 1
  }
}
