import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cluster } from '../cluster/cluster.ts'
import type { Host } from '../cluster/host.ts'
import type { ClusterPolicy } from '../contract.ts'
import { Attempt } from './attempt.ts'
import { replies, retriesFailure, retriesStatus, type Failure } from './failure.ts'
import { answerHeaders, requestHeaders, tryHeaders, type RequestOrigin } from './heads.ts'
import { replyLocally } from './local-reply.ts'
import { RequestBody } from './request-body.ts'
import { mayRetry, Retries } from './retries.ts'

/** Envoy's per_connection_buffer_limit_bytes: a longer body is not kept for another try. */
const keepBytesMax = 1 << 20

export interface ExchangeOptions {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly cluster: Cluster
  readonly origin: RequestOrigin
  readonly random: () => number
  /** The proxy is ending: the caller's connection is closed after this answer. */
  readonly closing: () => boolean
  readonly onDone: (done: DoneExchange) => void
}

/** How an exchange went; told once, when nothing of it is open any more. */
export interface DoneExchange {
  /** What the caller saw; 0 when it left before an answer. */
  readonly status: number
  /** Envoy's response flags, in order: 'UF,URX'; '-' for none. */
  readonly flags: string
  readonly host: Host | undefined
  /** As the answer's x-upstream-version has it. */
  readonly version: string | undefined
  readonly attempts: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly upstreamMs: number | undefined
}

/**
 * One request through the proxy: its tries, its timeouts and its answer. Source: Envoy, "Router".
 * The time of a request, of a try, and x-envoy-upstream-service-time begin when the caller's
 * request is complete. The policy is the one at the start.
 */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #policy: ClusterPolicy
  readonly #body: RequestBody
  readonly #headers: string[]
  readonly #retries: Retries | undefined
  readonly #flags: string[] = []
  readonly #attempts: Attempt[] = []
  #completeAtMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined
  #answer: IncomingMessage | undefined
  #upstreamMs: number | undefined
  #status = 0
  #bytesSent = 0
  #done = false

  constructor(options: ExchangeOptions) {
    const { incoming, cluster, origin, random } = options
    const { policy, breakers, stats } = cluster
    const retriable = mayRetry(policy, incoming.method ?? 'GET')
    this.#options = options
    this.#policy = policy
    this.#headers = requestHeaders(incoming, origin)
    this.#body = new RequestBody(incoming, {
      keepBytesMax: retriable ? keepBytesMax : 0,
      onComplete: () => this.#onRequestComplete(),
    })
    if (retriable) this.#retries = new Retries({ policy, breakers, stats, random })
  }

  /** The last try; the one that is open, if any. */
  get #attempt(): Attempt | undefined {
    return this.#attempts.at(-1)
  }

  start(): void {
    const { outgoing, incoming } = this.#options
    outgoing.on('close', () => this.#onCallerGone())
    outgoing.on('error', () => this.#onCallerGone())
    incoming.on('error', () => this.#onCallerGone())
    if (this.#body.complete) this.#onRequestComplete()
    this.#try()
  }

  #onRequestComplete(): void {
    this.#completeAtMs = performance.now()
    const { requestTimeoutMs } = this.#policy
    if (requestTimeoutMs > 0 && !this.#done) {
      this.#timer = setTimeout(() => this.#onTimeout(), requestTimeoutMs)
    }
    this.#attempt?.startTimeout()
  }

  #try(): void {
    const { cluster, incoming } = this.#options
    const tried = this.#attempts.map(attempt => attempt.host)
    const host = cluster.choose({ headers: incoming.headers, connection: incoming.socket }, tried)
    if (!host) {
      this.#reply('no-healthy-upstream')
      return
    }
    const { perTryTimeoutMs, requestTimeoutMs } = this.#policy
    const attempt = new Attempt({
      cluster,
      host,
      head: {
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: tryHeaders(this.#headers, {
          attempt: this.#attempts.length + 1,
          timeoutMs: perTryTimeoutMs || requestTimeoutMs,
        }),
      },
      body: this.#body,
      timeoutMs: perTryTimeoutMs,
      onAnswer: answer => this.#onAnswer(answer),
      onFailure: failure => this.#onFailure(failure),
    })
    this.#attempts.push(attempt)
    attempt.start()
  }

  #onAnswer(answer: IncomingMessage): void {
    const { cluster } = this.#options
    const status = answer.statusCode ?? 0
    this.#attempt?.stopTimeout()
    this.#report(status)
    if (this.#again({ wanted: retriesStatus(status, this.#policy.retryOn), answered: true })) {
      cluster.stats.countRetried(status)
      this.#attempt?.discard(answer)
      return
    }
    this.#forward(answer)
  }

  #onFailure(failure: Failure): void {
    const { cluster, outgoing } = this.#options
    const { flag, status } = replies[failure]
    if (failure !== 'overflow') this.#report(status)
    if (this.#answer) {
      this.#flags.push(flag)
      // The caller sees that its answer is not complete.
      outgoing.destroy()
      this.#finish()
      return
    }
    const wanted = retriesFailure(failure, this.#policy.retryOn)
    if (this.#again({ wanted, answered: false })) {
      cluster.stats.countRetried(status)
      return
    }
    this.#reply(failure)
  }

  /** Starts another try, if one is wanted and allowed. */
  #again(result: { readonly wanted: boolean; readonly answered: boolean }): boolean {
    const retries = this.#retries
    if (!retries) return false
    if (result.wanted && !this.#body.replayable) {
      this.#options.cluster.stats.counts.retry_or_shadow_abandoned += 1
      return false
    }
    const decision = retries.decide(result)
    if (decision === 'no-limit') this.#flags.push('URX')
    if (decision === 'no-budget') this.#flags.push('UO')
    if (decision !== 'again') return false
    this.#body.detach()
    this.#pause = setTimeout(() => this.#try(), retries.pauseMs)
    return true
  }

  #report(status: number): void {
    if (this.#attempt) this.#options.cluster.report(this.#attempt.host, status)
  }

  #onTimeout(): void {
    const { cluster, outgoing } = this.#options
    cluster.stats.counts.upstream_rq_timeout += 1
    this.#report(504)
    if (this.#answer) {
      this.#flags.push('UT')
      outgoing.destroy()
      this.#finish()
    } else {
      this.#reply('timeout')
    }
  }

  #onCallerGone(): void {
    if (this.#done) return
    this.#flags.push('DC')
    this.#finish()
  }

  #reply(failure: Failure): void {
    const { outgoing, closing } = this.#options
    const { flag } = replies[failure]
    this.#flags.unshift(flag)
    this.#status = replies[failure].status
    const attempt = this.#attempts.length
    this.#body.discard()
    replyLocally(outgoing, { failure, attempt, close: closing() })
    this.#bytesSent = replies[failure].text.length
    this.#finish()
  }

  #forward(answer: IncomingMessage): void {
    const { outgoing, closing } = this.#options
    if (this.#completeAtMs !== undefined) {
      this.#upstreamMs = performance.now() - this.#completeAtMs
    }
    const own = { attempt: this.#attempts.length, upstreamMs: this.#upstreamMs, close: closing() }
    const status = answer.statusCode ?? 0
    try {
      outgoing.writeHead(status, answer.statusMessage ?? '', answerHeaders(answer, own))
    } catch {
      // Node read this head but refuses to write it.
      this.#attempt?.abort()
      this.#reply('protocol-error')
      return
    }
    this.#answer = answer
    this.#status = status
    answer.on('data', (chunk: Buffer) => {
      this.#bytesSent += chunk.length
      if (!outgoing.write(chunk)) answer.pause()
    })
    outgoing.on('drain', () => answer.resume())
    answer.on('end', () => this.#onAnswerComplete())
  }

  #onAnswerComplete(): void {
    const { outgoing, cluster } = this.#options
    if (this.#done) return
    if (this.#completeAtMs !== undefined) {
      cluster.stats.rqTimeMs.observe(performance.now() - this.#completeAtMs)
    }
    this.#body.discard()
    this.#finish()
    outgoing.end()
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    clearTimeout(this.#timer)
    clearTimeout(this.#pause)
    this.#retries?.release()
    for (const attempt of this.#attempts) attempt.abort()
    if (this.#status > 0) this.#options.cluster.stats.countFinal(this.#status)
    const version = this.#answer?.headers['x-upstream-version']
    this.#options.onDone({
      status: this.#status,
      flags: this.#flags.join(',') || '-',
      host: this.#attempt?.host,
      version: typeof version === 'string' ? version : undefined,
      attempts: this.#attempts.length,
      bytesReceived: this.#body.bytes,
      bytesSent: this.#bytesSent,
      upstreamMs: this.#upstreamMs,
    })
  }
}
