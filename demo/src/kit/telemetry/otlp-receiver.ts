import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it was received, its attributes as a plain object. */
export interface ReceivedSpan {
  readonly service: string
  readonly resource: Readonly<Record<string, unknown>>
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  readonly startUnixMs: number
  readonly endUnixMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly unixMs: number }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly isError: boolean
}

/** A collector for tests: it keeps what is sent to it as OTLP/HTTP with JSON. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []
  readonly requestHeaders: IncomingHttpHeaders[] = []
  readonly #server: Server

  /** 'refused' is an answer that is not worth another try. */
  constructor(answers: 'taken' | 'refused' | 'never' = 'taken') {
    this.#server = createServer((incoming, outgoing) => {
      this.requestHeaders.push(incoming.headers)
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        if (answers === 'never') return
        const isTaken = answers === 'taken' && incoming.url === '/v1/traces'
        if (isTaken) this.spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString())))
        outgoing.writeHead(isTaken ? 200 : 400, { 'content-type': 'application/json' }).end('{}')
      })
    })
  }

  /** Listens on a free port of 127.0.0.1. Returns the origin. */
  async listen(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

/** OTLP's numbers for kinds; 0 is 'unspecified'. */
const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly events: readonly { readonly name: string; readonly timeUnixNano: string }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status: { readonly code?: number }
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

function spansOf(body: unknown): ReceivedSpan[] {
  return (body as OtlpRequest).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const about = plain(resource.attributes)
    const service = String(about['service.name'])
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(span => ({
        ...{ service, resource: about, traceId: span.traceId, spanId: span.spanId },
        parentSpanId: span.parentSpanId,
        name: span.name,
        kind: kinds[span.kind] ?? 'internal',
        startUnixMs: Number(span.startTimeUnixNano) / 1e6,
        endUnixMs: Number(span.endTimeUnixNano) / 1e6,
        attributes: plain(span.attributes),
        events: span.events.map(({ name, timeUnixNano }) => {
          return { name, unixMs: Number(timeUnixNano) / 1e6 }
        }),
        links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        isError: span.status.code === 2,
      })),
    )
  })
}

/** `{ key, value: { intValue: 3 } }` and the like as `{ key: 3 }`. */
function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  const entries = attributes.map(({ key, value }) => [key, Object.values(value)[0]] as const)
  return Object.fromEntries(entries)
}
