import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FaultInputError } from '../faults/parameters.ts'
import { asProblem, Problem, problemDocument } from '../kit/http/problem.ts'
import { Router, type Route } from '../kit/http/router.ts'

export interface ControlAnswer {
  readonly status: number
  /** Sent as JSON; a text is sent as it is, for Prometheus. */
  readonly body: object | string
}

export interface ControlRequest {
  readonly params: Readonly<Record<string, string>>
  /** The body as JSON, {} when there is none. Throws a Problem for anything else. */
  readonly json: () => Promise<Readonly<Record<string, unknown>>>
}

export type ControlRoute = Route<
  (request: ControlRequest) => Promise<ControlAnswer> | ControlAnswer
>

const bodyBytesMax = 100_000

/**
 * The shop's control port. It is for whoever runs the shop: bound to 127.0.0.1, and a request that
 * a web page of another origin sent is refused.
 */
export class ControlServer {
  readonly #server: Server
  readonly #router: Router<ControlRoute['handle']>

  constructor(routes: readonly ControlRoute[]) {
    this.#router = new Router(routes)
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  }

  /** Returns the origin; rejects with the system's error when the port is taken. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/'
    try {
      mustNotBeCrossSite(incoming)
      const { route, params } = this.#router.find(incoming.method ?? 'GET', path)
      const answer = await route.handle({ params, json: () => jsonBody(incoming) })
      write(outgoing, answer)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.status === 500) console.error(error)
      const body = problemDocument(problem, path)
      const headers = { ...problem.headers, 'content-type': 'application/problem+json' }
      write(outgoing, { status: problem.status, body }, headers)
    }
  }
}

function mustNotBeCrossSite({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  throw new Problem(403, 'the control port does not answer other web pages')
}

function problemOf(error: unknown): Problem {
  if (error instanceof FaultInputError) return new Problem(400, error.message)
  return asProblem(error)
}

async function jsonBody(incoming: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax)
      throw new Problem(413, `the body is larger than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  if (bytes === 0) return {}
  const value = parsed(Buffer.concat(chunks).toString())
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new Problem(400, 'the body must be a JSON object')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem(400, `not JSON: ${(error as Error).message}`)
  }
}

function write(
  outgoing: ServerResponse,
  { status, body }: ControlAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json'
  const text = isText ? body : `${JSON.stringify(body, undefined, 2)}\n`
  const length = Buffer.byteLength(text)
  outgoing.writeHead(status, { 'content-type': type, 'content-length': length, ...headers })
  outgoing.end(text)
}
