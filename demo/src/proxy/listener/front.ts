import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestRate } from '../../kit/http/request-rate.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { ProxyCertificate } from '../contract.ts'
import { Exchange, type DoneExchange } from '../exchange/exchange.ts'
import { replies, type Failure } from '../exchange/failure.ts'
import { replyLocally } from '../exchange/local-reply.ts'
import type { IstioStats } from '../stats/istio-stats.ts'
import { ListenerStats } from '../stats/listener-stats.ts'
import { accessLogLine } from './access-log.ts'
import { Listener } from './listener.ts'

export interface FrontOptions {
  readonly direction: 'inbound' | 'outbound' | 'ingress'
  /** The proxy's service. */
  readonly service: string
  readonly certificate?: ProxyCertificate | undefined
  readonly istio: IstioStats
  readonly nowMs: () => number
  readonly random: () => number
  /** Undefined: there is no such service. */
  readonly clusterOf: (incoming: IncomingMessage) => Cluster | undefined
  readonly accessLog: () => ((line: string) => void) | undefined
}

/** One listener with what is done to its requests: limit, route, exchange, counting. */
export class Front {
  readonly stats = new ListenerStats()
  readonly #options: FrontOptions
  readonly #listener: Listener
  #perSecondMax = 0
  #rate: RequestRate | undefined
  #closing = false

  constructor(options: FrontOptions) {
    const { certificate } = options
    this.#options = options
    this.#listener = new Listener({
      certificate,
      stats: this.stats,
      handle: (incoming, outgoing) => this.#handle(incoming, outgoing),
    })
  }

  listen(port: number): Promise<number> {
    return this.#listener.listen(port)
  }

  stop(drainMs: number): Promise<void> {
    this.#closing = true
    return this.#listener.stop(drainMs)
  }

  /**
   * Lets so many requests a second through, in bursts of what one second allows; 0: all. A change
   * begins with a full bucket. Source: Envoy, "Local rate limit": there tokens come at intervals.
   */
  limitTo(perSecondMax: number): void {
    if (perSecondMax === this.#perSecondMax) return
    this.#perSecondMax = perSecondMax
    const rate = new RequestRate({ perSecondMax: () => perSecondMax })
    this.#rate = perSecondMax > 0 ? rate : undefined
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { direction, service, random } = this.#options
    const startedMs = performance.now()
    const caller = this.#listener.callerOf(incoming)
    if (!this.#passes()) {
      this.#refuse({ incoming, outgoing, startedMs, caller, failure: 'rate-limited' })
      return
    }
    const cluster = this.#options.clusterOf(incoming)
    if (!cluster) {
      this.#refuse({ incoming, outgoing, startedMs, caller, failure: 'no-route' })
      return
    }
    new Exchange({
      ...{ incoming, outgoing, cluster, random },
      origin: {
        fromOutside: direction === 'ingress',
        source: direction === 'inbound' ? caller : service,
        secure: caller !== undefined,
      },
      closing: () => this.#closing,
      onDone: done => this.#record(incoming, { ...done, cluster, startedMs, caller }),
    }).start()
  }

  #passes(): boolean {
    if (!this.#rate) return true
    const { limit } = this.stats
    const passes = this.#rate.waitS(this.#options.nowMs()) === 0
    limit.enabled += 1
    if (passes) {
      limit.ok += 1
    } else {
      limit.rate_limited += 1
      limit.enforced += 1
    }
    return passes
  }

  #refuse(request: {
    readonly incoming: IncomingMessage
    readonly outgoing: ServerResponse
    readonly startedMs: number
    readonly caller: string | undefined
    readonly failure: Failure
  }): void {
    const { incoming, outgoing, startedMs, caller, failure } = request
    const status = replyLocally(outgoing, { failure, close: this.#closing })
    incoming.resume()
    const flags = replies[failure].flag
    this.#record(incoming, { status, flags, startedMs, caller })
  }

  #record(
    incoming: IncomingMessage,
    done: Partial<DoneExchange> & {
      readonly status: number
      readonly flags: string
      readonly cluster?: Cluster
      readonly startedMs: number
      readonly caller: string | undefined
    },
  ): void {
    const { direction, service, istio } = this.#options
    const { status, flags, cluster, caller } = done
    const durationMs = performance.now() - done.startedMs
    this.stats.rqTimeMs.observe(durationMs)
    if (status > 0) this.stats.countAnswer(status)
    else this.stats.http.downstream_rq_rx_reset += 1
    const atDestination = direction === 'inbound'
    istio.count(
      {
        reporter: atDestination ? 'destination' : 'source',
        source: atDestination ? sourceOf(incoming, caller) : service,
        destination: cluster?.service ?? (atDestination ? service : 'unknown'),
        version: (atDestination ? done.host?.endpoint.version : done.version) ?? 'unknown',
        ...{ status, flags },
        security: atDestination ? (caller === undefined ? 'none' : 'mutual_tls') : 'unknown',
      },
      durationMs,
    )
    const log = this.#options.accessLog()
    log?.(accessLogLine(incoming, { ...done, cluster: cluster?.name ?? '-', durationMs }))
  }
}

/** The certificate decides; only a caller without one is believed what it says. */
function sourceOf({ headers }: IncomingMessage, caller: string | undefined): string {
  const said = headers['x-shop-source']
  return caller ?? (typeof said === 'string' ? said : 'unknown')
}
