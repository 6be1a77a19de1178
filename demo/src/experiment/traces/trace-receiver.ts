import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { spansOf, type Span } from './otlp.ts'

const bodyBytesMax = 32 << 20

/**
 * Receives traces over OTLP/HTTP in JSON on a free port of 127.0.0.1. What it cannot read is
 * refused, counted, and told by `refused`.
 */
export class TraceReceiver {
  /** Why requests were refused, with their number. */
  readonly refused = new Map<string, number>()
  readonly #server: Server
  readonly #onSpan: (span: Span) => void

  private constructor(onSpan: (span: Span) => void) {
    this.#onSpan = onSpan
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(onSpan: (span: Span) => void): Promise<TraceReceiver> {
    const receiver = new TraceReceiver(onSpan)
    await new Promise<void>((resolve, reject) => {
      receiver.#server.once('error', reject)
      receiver.#server.listen(0, '127.0.0.1', resolve)
    })
    return receiver
  }

  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const refuse = (status: number, why: string) => {
      this.refused.set(why, (this.refused.get(why) ?? 0) + 1)
      request.resume()
      answer(status, { message: why })
    }
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      return refuse(404, 'only POST /v1/traces is taken')
    }
    if (!request.headers['content-type']?.startsWith('application/json')) {
      return refuse(415, 'only JSON is read: OTEL_EXPORTER_OTLP_PROTOCOL=http/json')
    }
    try {
      const body = await bodyOf(request)
      const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
      for (const span of spansOf(JSON.parse(bytes.toString()))) this.#onSpan(span)
    } catch (error) {
      return refuse(400, (error as Error).message)
    }
    answer(200, {})
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Error(`a request is larger than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
