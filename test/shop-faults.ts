import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { parseExposition } from '../demo/src/kit/exposition.ts'
import type { ShopProcess, ShopReady } from '../demo/src/protocol.ts'
import { forkShop, leavesNothing, readyFrom } from './shop-process.ts'

/** How long a symptom may take to come or go on a busy machine, far beyond what it needs. */
export const patience = { timeout: 60_000, interval: 100 }

/** A client gives up on an answer; longer than any deadline inside the shop. */
const clientTimeoutMs = 20_000

/** One request of a client. */
export interface Ask {
  /** 'GET /products'. */
  readonly line: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

/** What the client saw of it; status 0: no answer came. */
export interface Seen {
  readonly status: number
  readonly ms: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Clients that ask one after the other, each again as soon as it has its answer. */
export interface Load {
  readonly clients: number
  /** The n-th request of all clients together. */
  readonly ask: (n: number) => Ask
}

/** Answers of one stretch of load. */
export class Answers {
  readonly all: readonly Seen[]

  constructor(all: readonly Seen[]) {
    this.all = all
  }

  get count(): number {
    return this.all.length
  }

  only(is: (seen: Seen) => boolean): Answers {
    return new Answers(this.all.filter(is))
  }

  /** How many answers by status. */
  get statuses(): Record<number, number> {
    const counts: Record<number, number> = {}
    for (const { status } of this.all) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  /** Share of answers with one of these statuses, 0..1. */
  share(...statuses: readonly number[]): number {
    return this.shareOf(seen => statuses.includes(seen.status))
  }

  shareOf(is: (seen: Seen) => boolean): number {
    return this.all.filter(is).length / Math.max(1, this.count)
  }

  /** Share of answers by the value of a header. */
  shares(header: string): Record<string, number> {
    const byValue = Map.groupBy(this.all, seen => String(seen.headers[header]))
    return Object.fromEntries(
      [...byValue].map(([value, answers]) => [value, answers.length / this.count]),
    )
  }

  /** Latency that this share of the answers does not exceed. */
  quantileMs(share: number): number {
    const sorted = this.all.map(seen => seen.ms).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  }

  get medianMs(): number {
    return this.quantileMs(0.5)
  }
}

export type Check = (answers: Answers) => void | Promise<void>

export interface MetricName {
  /** Name of the service; with kind 'proxy' its proxy is read. */
  readonly service: string
  readonly kind?: ShopProcess['kind']
  /** 'catalog-2': only this process. */
  readonly id?: string
  readonly metric: string
  readonly labels?: Readonly<Record<string, string>>
}

/** One shop for a test file, started with SHOP_ variables; faults are cleared after each test. */
export function useShop(env: Readonly<Record<string, string>> = {}): FaultyShop {
  const shop = new FaultyShop()
  beforeAll(() => shop.start(env))
  afterEach(() => shop.clearAllFaults())
  afterAll(() => shop.stop())
  return shop
}

/** A shop in which faults are made, and how it is loaded and looked at. */
export class FaultyShop {
  readonly #agent = new Agent({ keepAlive: true, scheduling: 'lifo' })
  #child: ChildProcess | undefined
  #ready: ShopReady | undefined

  get ready(): ShopReady {
    if (this.#ready === undefined) throw new Error('the shop has not started')
    return this.#ready
  }

  async start(env: Readonly<Record<string, string>>): Promise<void> {
    this.#child = forkShop({ ...env })
    this.#child.stderr?.pipe(process.stderr)
    this.#ready = await readyFrom(this.#child)
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    // When it could not start, that is what the test reports.
    if (this.#ready === undefined || this.#child === undefined) return
    const ended = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    expect((await ended)[0]).toBe(0)
    await leavesNothing(this.#ready)
  }

  /** One request, by itself. */
  ask(what: Ask | string): Promise<Seen> {
    return exchange(this.#agent, this.ready.url, typeof what === 'string' ? { line: what } : what)
  }

  /** So many requests; resolves when all are answered. */
  async run(load: Load, requests: number): Promise<Answers> {
    const { seen, ended } = this.#keepAsking(load, requests)
    await ended
    return new Answers(seen)
  }

  /**
   * The fastest of several stretches of so many requests, all answered 200: what the shop does
   * once its code is compiled, at a moment at which nobody disturbs it.
   */
  async healthy(load: Load, requests: number): Promise<Answers> {
    const stretches: Answers[] = []
    for (let n = 0; n < 5; n += 1) stretches.push(await this.run(load, requests))
    for (const { statuses } of stretches) expect(statuses).toEqual({ 200: requests })
    return stretches.reduce((best, one) => (one.medianMs < best.medianMs ? one : best))
  }

  /**
   * Loads the shop while `work` runs. `work` gets a way to look at the last answers to requests
   * that began after it did (fewer when there are not that many yet).
   */
  async whileAsking<T>(
    load: Load,
    work: (last: (count: number) => Answers) => Promise<T>,
  ): Promise<T> {
    const asking = this.#keepAsking(load)
    try {
      return await work(count => new Answers(asking.seen.slice(-count)))
    } finally {
      await asking.stop()
    }
  }

  /** Loads the shop until the last `count` answers pass `check`; throws its last complaint. */
  until(load: Load, count: number, check: Check): Promise<Answers> {
    return this.whileAsking(load, last =>
      vi.waitFor(async () => {
        const answers = last(count)
        expect(answers.count).toBe(count)
        await check(answers)
        return answers
      }, patience),
    )
  }

  async setFault(
    name: string,
    parameters: Readonly<Record<string, number | string>> = {},
  ): Promise<void> {
    await this.control('POST', '/faults', { name, parameters })
  }

  async clearFault(name: string): Promise<void> {
    await this.control('DELETE', `/faults/${name}`)
  }

  async clearAllFaults(): Promise<void> {
    await this.control('DELETE', '/faults')
  }

  /** Processes that run now. */
  async processes(): Promise<ShopProcess[]> {
    return (await this.control('GET', '/topology'))['processes'] as ShopProcess[]
  }

  /** Sum of a metric over a service's processes now. */
  async number(of: MetricName): Promise<number> {
    const { service, kind = 'service', id } = of
    const all = (await this.processes()).filter(one => one.name === service && one.kind === kind)
    const meant = all.filter(one => id === undefined || one.id === id)
    if (meant.length === 0) throw new Error(`no ${kind} ${service} ${id ?? ''} runs`)
    const sums = await Promise.all(meant.map(one => sumAt(one.metricsUrl, of)))
    return sums.reduce((sum, value) => sum + value, 0)
  }

  /** What the shop's database answers. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const host = this.ready.database?.folder
    if (host === undefined) throw new Error('the shop has no database of its own')
    const client = new pg.Client({ host, port: 5432, user: 'shop', database: 'postgres' })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end()
    }
  }

  /** A request to the control port; throws when it is refused. */
  async control(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await fetch(this.ready.controlUrl + path, { method, ...sent })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as Record<string, unknown>
  }

  /** Asks until told to stop, or until `requests` are answered. */
  #keepAsking(load: Load, requests = Infinity) {
    const seen: Seen[] = []
    let asked = 0
    let stopped = false
    const client = async () => {
      while (!stopped && asked < requests) {
        const n = asked
        asked += 1
        seen.push(await this.ask(load.ask(n)))
      }
    }
    const ended = Promise.all(Array.from({ length: load.clients }, client))
    const stop = async () => {
      stopped = true
      await ended
    }
    return { seen, ended, stop }
  }
}

function exchange(agent: Agent, origin: string, ask: Ask): Promise<Seen> {
  const [method = 'GET', path = '/'] = ask.line.split(' ')
  const body = ask.json === undefined ? undefined : Buffer.from(JSON.stringify(ask.json))
  const headers = {
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
    ...ask.headers,
  }
  return new Promise(resolve => {
    const startedMs = performance.now()
    const done = (status: number, from: Pick<Seen, 'headers' | 'body'>) =>
      resolve({ status, ms: performance.now() - startedMs, ...from })
    const outgoing = httpRequest(new URL(path, origin), { agent, method, headers })
    outgoing.setTimeout(clientTimeoutMs, () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', error => done(0, { headers: {}, body: error.message }))
    outgoing.on('response', incoming => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', error => done(0, { headers: {}, body: error.message }))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        done(incoming.statusCode ?? 0, { headers: incoming.headers, body: text })
      })
    })
    outgoing.end(body)
  })
}

async function sumAt(url: string, { metric, labels = {} }: MetricName): Promise<number> {
  const answer = await fetch(url)
  const { samples } = parseExposition(await answer.text())
  return samples
    .filter(({ name }) => name === metric)
    .filter(one => Object.entries(labels).every(([name, value]) => one.labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0)
}
