import {
  Agent,
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net'
import type { ClusterPolicy, ProxyConfig, ProxyIdentity } from '../contract.ts'
import { defaultPolicy } from '../defaults.ts'
import { Proxy, type ProxyUrls } from '../proxy.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A proxy that runs, its numbers and its clock. */
export interface RunningProxy extends ProxyUrls {
  readonly proxy: Proxy
  readonly log: Record<string, unknown>[]
  /** Adds to the clock of ejections and rate limits, which stands still otherwise. */
  readonly advance: (ms: number) => void
  /** The sum of all series of this name whose labels contain all of these. */
  readonly number: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>
}

/** Real servers, proxies and calls of one test; `end()` closes all of them. */
export class Stage {
  readonly #ends: (() => Promise<void> | void)[] = []
  readonly #agent = new Agent({ keepAlive: true })

  constructor() {
    this.#ends.push(() => this.#agent.destroy())
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
  }

  async server(listener: RequestListener): Promise<{ url: string; server: Server }> {
    const server = createServer(listener)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    this.#ends.push(async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    })
    return { url: origin(server), server }
  }

  /** A server below HTTP. */
  async socketServer(onSocket: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>()
    const server = createNetServer(socket => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      onSocket(socket)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    this.#ends.push(async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    })
    return origin(server)
  }

  /** A url where nothing listens. */
  async nowhere(): Promise<string> {
    const server = createNetServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = origin(server)
    await new Promise<void>(resolve => server.close(() => resolve()))
    return url
  }

  async proxy(
    config: ProxyConfig,
    options: Partial<ProxyIdentity> & { readonly random?: () => number } = {},
  ): Promise<RunningProxy> {
    const { random, ...identity } = options
    const log: Record<string, unknown>[] = []
    let nowMs = 1_000_000
    const proxy = new Proxy(
      { kind: 'identity', service: 'catalog', port: 0, ...identity },
      {
        nowMs: () => nowMs,
        ...(random ? { random } : {}),
        accessLog: line => log.push(JSON.parse(line) as Record<string, unknown>),
      },
    )
    const urls = await proxy.listen()
    proxy.configure({ ...config, accessLog: true })
    this.#ends.push(() => proxy.stop())
    const advance = (ms: number) => (nowMs += ms)
    const number = async (name: string, labels: Readonly<Record<string, string>> = {}) =>
      sumOf((await this.call(`${urls.adminUrl}/stats/prometheus`)).body, name, labels)
    return { ...urls, proxy, log, advance, number }
  }

  /** One call over kept-alive connections. Rejects when there is no complete answer. */
  call(
    url: string,
    options: {
      readonly method?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | Buffer
    } = {},
  ): Promise<Answer> {
    const { method = 'GET', headers = {}, body } = options
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, agent: this.#agent }, incoming => {
        let text = ''
        incoming.setEncoding('latin1')
        incoming.on('data', (chunk: string) => (text += chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }
}

/** A proxy's config before one service; what differs is given. */
export function inboundTo(
  urls: readonly string[],
  policy: Partial<ClusterPolicy> = {},
): ProxyConfig {
  const endpoints = urls.map((url, index) => ({
    id: `catalog-${index + 1}`,
    url,
    version: 'stable',
  }))
  return {
    kind: 'config',
    cpuCores: 0,
    mutualTls: false,
    inbound: {
      endpoints,
      routing: { weights: { stable: 1 } },
      policy: { ...defaultPolicy, retryPauseMs: 0, ...policy },
      requestsPerSecondMax: 0,
    },
    outbound: {},
  }
}

/** A handler whose requests wait until they are let go, one after the other. */
export function heldRequests(): {
  readonly listener: RequestListener
  readonly waiting: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }[]
} {
  const waiting: { incoming: IncomingMessage; outgoing: ServerResponse }[] = []
  return { waiting, listener: (incoming, outgoing) => void waiting.push({ incoming, outgoing }) }
}

/** A second reading of Prometheus' format, independent of the one that writes it. */
export function sumOf(
  page: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  let sum = 0
  for (const line of page.split('\n')) {
    const match = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/i.exec(line)
    if (match?.[1] !== name) continue
    if (wanted.every(text => `,${match[2] ?? ''},`.includes(`,${text},`))) sum += Number(match[3])
  }
  return sum
}

function origin(server: { address(): AddressInfo | string | null }): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
