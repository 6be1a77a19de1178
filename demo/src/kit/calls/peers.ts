import { Agent, request as httpRequest, type ClientRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { PeerAddresses } from '../../protocol.ts'
import type { ServiceMetrics } from '../telemetry/metrics.ts'
import { errorTypeOf, noSpan, type TraceSpan } from '../telemetry/tracing.ts'
import { Problem } from '../http/problem.ts'
import type { ServiceSettings } from '../settings.ts'
import { Turns } from '../turns.ts'
import { CallFailed } from './call-failed.ts'
import { Names, type NamedPeer } from './names.ts'

export interface PeerCall {
  readonly peer: string
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer | undefined
  /** Deadline of this call, when it is to be shorter than the service's callTimeoutMs. */
  readonly timeoutMs?: number | undefined
  /** The step of a trace that makes the call; its headers replace those given. @default none */
  readonly parent?: TraceSpan | undefined
}

export interface PeerAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A peer's JSON body. Peers are our own services: their answers have the shape they promise. */
export function jsonOf<T>(answer: PeerAnswer): T {
  return JSON.parse(answer.body.toString()) as T
}

interface Peer {
  url: URL
  authority: string | undefined
  readonly agent: Agent
  openCalls: number
}

const worthAnotherTry = new Set([502, 503, 504])

/**
 * Calls to other services over kept-alive connections: a limit of connections and of waiting
 * calls per service, a deadline per try, further tries for GET only.
 */
export class Peers {
  readonly #peers = new Map<string, Peer>()
  readonly #settings: ServiceSettings
  readonly #metrics: ServiceMetrics
  readonly #names: Names
  /** For all peers: with a limit, calls to a slow one keep those to the others waiting. */
  readonly #turns: Turns

  constructor(options: {
    readonly addresses: PeerAddresses
    readonly settings: ServiceSettings
    readonly metrics: ServiceMetrics
  }) {
    this.#settings = options.settings
    this.#metrics = options.metrics
    const { settings, metrics } = options
    this.#turns = new Turns({ atOnceMax: () => this.#settings.callsAtOnceMax })
    this.#names = new Names({ settings, registry: metrics.registry })
    this.moveTo(options.addresses)
    this.#metrics.gauge({
      name: 'http_client_active_requests',
      help: 'Calls to other services that are open or wait for a connection',
      label: 'server_address',
      read: () =>
        Object.fromEntries([...this.#peers].map(([name, peer]) => [name, peer.openCalls])),
    })
    this.#metrics.gauge({
      name: 'http_client_queued_requests',
      help: 'Calls that wait because so many to any service are open',
      read: () => ({ queued: this.#turns.waiting }),
    })
    this.#metrics.connections(() =>
      [...this.#peers].map(([name, { agent }]) => {
        return { peer: name, active: countOf(agent.sockets), idle: countOf(agent.freeSockets) }
      }),
    )
  }

  /**
   * The peer's answer, whatever its status. Throws a Problem when there is none: 502 unreachable,
   * 503 too many calls waiting, 504 deadline passed.
   */
  async send(call: PeerCall): Promise<PeerAnswer> {
    const triesMax = call.method === 'GET' ? 1 + this.#settings.callRetries : 1
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#try(call, tries).catch(asProblemOnly)
      const isProblem = outcome instanceof Problem
      const again = isProblem ? this.#mayPass(outcome) : worthAnotherTry.has(outcome.status)
      if (again && tries < triesMax) {
        this.#metrics.clientRetries.inc({ server_address: call.peer })
        await delay(this.#settings.callRetryPauseMs * 2 ** (tries - 1))
      } else if (isProblem) {
        throw outcome
      } else {
        return outcome
      }
    }
  }

  /** A deadline that passed is final: the caller's own deadline has passed with it. */
  #mayPass({ status }: Problem): boolean {
    return status === 502 || (status === 504 && this.#settings.callRetryTimeouts)
  }

  /** From now on peers are called there; calls that are open stay where they are. */
  moveTo(addresses: PeerAddresses): void {
    for (const [name, { url, authority }] of Object.entries(addresses)) {
      const peer = this.#peers.get(name)
      if (peer) Object.assign(peer, { url: new URL(url), authority })
      else this.#peers.set(name, this.#newPeer(new URL(url), authority))
    }
  }

  #newPeer(url: URL, authority: string | undefined): Peer {
    const maxSockets = this.#settings.callConnectionsMax
    const agent = new Agent({ keepAlive: true, maxSockets, scheduling: 'lifo' })
    return { url, authority, agent, openCalls: 0 }
  }

  /** Closes the kept-alive connections. */
  end(): void {
    for (const peer of this.#peers.values()) peer.agent.destroy()
  }

  async #try(call: PeerCall, tries: number): Promise<PeerAnswer> {
    const peer = this.#peers.get(call.peer)
    if (!peer) throw new Error(`no service is called ${call.peer}`)
    const span = startTry(call, { peer, tries })
    const startedMs = performance.now()
    let answered: number | undefined
    let failed: string | undefined
    peer.openCalls += 1
    try {
      const answer = await this.#exchange(peer, call, span)
      answered = answer.status
      if (answered >= 400) failed = String(answered)
      return answer
    } catch (error) {
      failed = error instanceof CallFailed ? error.errorType : errorTypeOf(error)
      throw error
    } finally {
      peer.openCalls -= 1
      if (span.recorded && answered !== undefined) {
        span.describe({ 'http.response.status_code': answered })
      }
      span.end(failed)
      const labels = {
        server_address: call.peer,
        http_request_method: call.method,
        ...(answered !== undefined && { http_response_status_code: answered }),
        ...(failed !== undefined && { error_type: failed }),
      }
      this.#metrics.clientDuration.observe(labels, (performance.now() - startedMs) / 1000)
    }
  }

  async #exchange(peer: Peer, call: PeerCall, span: TraceSpan): Promise<PeerAnswer> {
    const { callPendingMax, callTimeoutMs, callKeepAlive, sharedConnectionTo, networkDelayMs } =
      this.#settings
    const isShared = sharedConnectionTo === call.peer
    const callConnectionsMax = isShared ? 1 : this.#settings.callConnectionsMax
    peer.agent.maxSockets = callConnectionsMax
    const labels = { server_address: call.peer }
    if (peer.openCalls > callConnectionsMax + callPendingMax) {
      this.#metrics.clientOverflows.inc(labels)
      throw new CallFailed(503, 'overflow', `too many calls wait for ${call.peer}`)
    }
    const headers = { ...call.headers }
    span.inject(headers)
    const queuedMs = performance.now()
    const onSocket = (outgoing: ClientRequest) => {
      this.#metrics.clientQueueTime.observe(labels, (performance.now() - queuedMs) / 1000)
      span.event('http.client.connection.acquired')
      if (outgoing.reusedSocket) return
      this.#metrics.clientConnectionsOpened.inc(labels)
      if (!span.recorded) return
      const established = () => span.event('http.client.connection.established')
      outgoing.socket?.once('connect', established)
    }
    if (!callKeepAlive) headers['connection'] = 'close'
    const named = this.#names.of(call.peer)
    const deadlineMs = call.timeoutMs ?? callTimeoutMs
    if (!(await this.#turns.take(deadlineMs))) throw tooLate(call.peer, deadlineMs)
    try {
      const timeoutMs = Math.max(1, deadlineMs - (performance.now() - queuedMs))
      const times = { timeoutMs, deadlineMs, networkDelayMs }
      return await exchange(peer, { ...call, headers }, { ...times, onSocket, named })
    } finally {
      this.#turns.end()
    }
  }
}

/** The span of one try; below a step that is not recorded, that step itself. */
function startTry(
  call: PeerCall,
  { peer, tries }: { readonly peer: Peer; readonly tries: number },
): TraceSpan {
  const { parent = noSpan, method } = call
  if (!parent.recorded) return parent
  const port = Number(peer.url.port || 80)
  return parent.start('client', method, {
    'http.request.method': method,
    'server.address': call.peer,
    'server.port': port,
    'network.peer.address': peer.url.hostname,
    'network.peer.port': port,
    'url.full': `http://${call.peer}:${port}${call.path}`,
    ...(tries > 1 && { 'http.request.resend_count': tries - 1 }),
  })
}

function countOf(sockets: NodeJS.ReadOnlyDict<readonly unknown[]>): number {
  return Object.values(sockets).reduce((sum, list) => sum + (list?.length ?? 0), 0)
}

function asProblemOnly(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

const tooLate = (peer: string, deadlineMs: number) =>
  new CallFailed(504, 'timeout', `${peer} did not answer within ${deadlineMs} ms`)

function exchange(
  peer: Peer,
  call: PeerCall,
  how: {
    /** What is left of the deadline. */
    readonly timeoutMs: number
    readonly deadlineMs: number
    /** How much later the answer is here than it was sent. */
    readonly networkDelayMs: number
    readonly onSocket: (outgoing: ClientRequest) => void
    readonly named: NamedPeer | undefined
  },
): Promise<PeerAnswer> {
  const { timeoutMs, deadlineMs, networkDelayMs, onSocket, named } = how
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = { ...call.headers }
    if (call.body !== undefined) headers['content-length'] = call.body.length
    if (peer.authority !== undefined) headers['host'] = peer.authority
    const { port } = peer.url
    const { hostname, ...lookup } = named ?? { hostname: peer.url.hostname }
    const { method, path } = call
    const to = { hostname, ...lookup, port, agent: peer.agent }
    const outgoing = httpRequest({ ...to, method, path, headers })
    const fail = (problem: Problem) => {
      clearTimeout(timer)
      reject(problem)
      outgoing.destroy()
    }
    const timer = setTimeout(() => fail(tooLate(call.peer, deadlineMs)), timeoutMs)
    const broken = (error: Error) => {
      const detail = `${call.peer} cannot be reached: ${error.message}`
      fail(new CallFailed(502, errorTypeOf(error), detail))
    }
    outgoing.on('error', broken)
    outgoing.once('socket', () => onSocket(outgoing))
    outgoing.on('response', incoming => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', broken)
      incoming.on('end', () => {
        const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
        const arrived = () => {
          clearTimeout(timer)
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body })
        }
        if (networkDelayMs > 0) setTimeout(arrived, networkDelayMs)
        else arrived()
      })
    })
    outgoing.end(call.body)
  })
}
