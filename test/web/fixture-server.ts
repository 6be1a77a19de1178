import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { encodeSecond, framedSeconds, mergedSeconds } from '../../src/metrics/index.ts'
import type { LiveEvent, RunCommand, ServerInfo, StartOrder } from '../../src/server/api.ts'
import type { MadeRun } from './made-run.ts'

const pages = resolve(import.meta.dirname, '../../dist/web')

/** As strict as the dashboard's server: nothing inline, nothing from elsewhere. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const kinds: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * A server that says what the dashboard's server says (src/server/api.ts), from made-up runs: tests
 * decide when a second comes and when the connection breaks.
 */
export async function startFixture(runs: readonly MadeRun[], info: Partial<ServerInfo> = {}) {
  const fixture = new Fixture(runs, info)
  const server = createServer((request, response) => fixture.answer(request, response))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    fixture,
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      fixture.breakFeeds()
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}

export class Fixture {
  readonly commands: RunCommand[] = []
  readonly orders: StartOrder[] = []
  readonly deleted: string[] = []
  readonly #runs: Map<string, MadeRun>
  readonly #info: ServerInfo
  readonly #feeds = new Set<ServerResponse>()
  /** Seconds of the running run that were measured so far. */
  #measured = 0
  comparison: unknown = undefined

  constructor(runs: readonly MadeRun[], info: Partial<ServerInfo>) {
    this.#runs = new Map(runs.map(run => [run.page.item.id, run]))
    this.#info = { loadstoneVersion: '0.1.0', canStart: false, scripts: [], ...info }
  }

  /** The running run measures its next seconds; the feeds that are open are told. */
  measure(run: MadeRun, count: number, told = true): void {
    for (const bytes of run.bytes.slice(this.#measured, this.#measured + count)) {
      const data = Buffer.from(bytes).toString('base64')
      if (told) this.tell({ event: 'second', data }, this.#measured)
      this.#measured += 1
    }
  }

  tell({ event, data }: LiveEvent, id?: number): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const idLine = id === undefined ? '' : `id: ${id}\n`
    for (const feed of this.#feeds) feed.write(`${idLine}event: ${event}\ndata: ${text}\n\n`)
  }

  replace(run: MadeRun): void {
    this.#runs.set(run.page.item.id, run)
  }

  get feeds(): number {
    return this.#feeds.size
  }

  breakFeeds(): void {
    for (const feed of this.#feeds) feed.destroy()
    this.#feeds.clear()
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fixture')
    if (!url.pathname.startsWith('/api/')) return file(url.pathname, response)
    void body(request).then(text => this.#api(request.method ?? '', url, text, response))
  }

  #api(method: string, url: URL, text: string, response: ServerResponse): void {
    const [what = '', id = '', part = ''] = url.pathname.slice(5).split('/').map(decodeURIComponent)
    const run = this.#runs.get(id)
    if (what === 'info') return json(response, this.#info)
    if (what === 'compare') return json(response, this.comparison)
    if (what === 'runs' && id === '') return this.#list(method, text, response)
    if (!run) return json(response, { error: `there is no run ${id}` }, 404)
    if (method === 'DELETE') {
      this.#runs.delete(id)
      this.deleted.push(id)
      return json(response, undefined, 204)
    }
    if (part === 'commands') {
      this.commands.push(JSON.parse(text) as RunCommand)
      return json(response, undefined, 204)
    }
    if (part === 'seconds') return this.#seconds(run, url, response)
    if (part === 'live') return this.#live(response)
    json(response, run.page)
  }

  #list(method: string, text: string, response: ServerResponse): void {
    if (method === 'POST') {
      this.orders.push(JSON.parse(text) as StartOrder)
      return json(response, { id: this.#info.runningId ?? [...this.#runs.keys()][0] }, 201)
    }
    json(response, { runs: [...this.#runs.values()].map(run => run.page.item) })
  }

  #seconds(run: MadeRun, url: URL, response: ServerResponse): void {
    const number = (name: string, otherwise: number) =>
      Number(url.searchParams.get(name) ?? otherwise)
    const known = run.page.item.state === 'running' ? this.#measured : run.seconds.length
    const to = Math.min(known, number('to', Infinity))
    const span = number('span', 1)
    const found: Uint8Array[] = []
    for (let from = number('from', 0), next = 0; from < to; from = next) {
      // Spans begin at multiples of their width; the first and the last are cut to the range.
      next = Math.min(to, from - (from % span) + span)
      found.push(encodeSecond(mergedSeconds(run.seconds.slice(from, next))))
    }
    const bytes = framedSeconds(found)
    response.writeHead(200, {
      ...{ 'content-type': 'application/octet-stream', 'content-length': bytes.length },
    })
    response.end(bytes)
  }

  #live(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.write('retry: 100\n\n')
    this.#feeds.add(response)
    response.on('close', () => this.#feeds.delete(response))
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(value === undefined ? undefined : JSON.stringify(value))
}

function file(path: string, response: ServerResponse): void {
  const place = join(pages, path === '/' ? 'index.html' : path)
  if (!place.startsWith(pages) || !existsSync(place)) {
    response.writeHead(404)
    response.end()
    return
  }
  response.writeHead(200, {
    'content-type': kinds[extname(place)] ?? 'application/octet-stream',
    'content-security-policy': policy,
  })
  response.end(readFileSync(place))
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
