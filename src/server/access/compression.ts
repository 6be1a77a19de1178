import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { Context } from 'hono'

/** Below this an answer fits into a packet anyway. */
const worthwhileBytes = 1400
/** A smaller answer is made whole, and says how long it is: pages read those in one piece. */
const streamedFromBytes = 4 * 1024 * 1024

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

export interface Body {
  readonly bytes: Uint8Array
  readonly type: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** An answer, compressed when it is large and the client can take it. */
export async function compressed(context: Context, body: Body): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': body.type, ...body.headers }
  const coding = codingFor(context.req.header('accept-encoding') ?? '', body.bytes.length)
  headers['vary'] = 'accept-encoding'
  if (coding === undefined) return context.body(Uint8Array.from(body.bytes), 200, headers)
  const bytes = await (coding === 'br' ? brotli(body.bytes, quick) : gzipped(body.bytes, quick))
  return context.body(Uint8Array.from(bytes), 200, { ...headers, 'content-encoding': coding })
}

/** The same for an answer that is made as it is read; whoever goes away ends the making of it. */
export async function compressedStream(
  context: Context,
  { chunks, type, headers }: Omit<Body, 'bytes'> & { readonly chunks: AsyncGenerator<Uint8Array> },
): Promise<Response> {
  const first: Uint8Array[] = []
  for (let bytes = 0; bytes < streamedFromBytes;) {
    const next = await chunks.next()
    if (next.done === true) {
      return compressed(context, { bytes: Buffer.concat(first), type, headers })
    }
    first.push(next.value)
    bytes += next.value.length
  }
  const source = Readable.from(joined(first, chunks))
  const coding = codingFor(context.req.header('accept-encoding') ?? '', streamedFromBytes)
  const about = { 'content-type': type, vary: 'accept-encoding', ...headers }
  if (coding === undefined) return context.body(asWeb(source), 200, about)
  const compressor = coding === 'br' ? createBrotliCompress(quick) : createGzip(quick)
  // Ends both when either ends; a fault breaks the connection, which the client sees.
  pipeline(source, compressor, () => undefined)
  return context.body(asWeb(compressor), 200, { ...about, 'content-encoding': coding })
}

async function* joined(first: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>) {
  yield* first
  yield* rest
}

const asWeb = (stream: Readable) => Readable.toWeb(stream) as ReadableStream<Uint8Array>

/** The same for JSON. */
export function compressedJson(context: Context, value: unknown): Promise<Response> {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  return compressed(context, { bytes, type: 'application/json; charset=utf-8' })
}

/** Histograms hardly get smaller by more effort, which a run's generator would lack meanwhile. */
const quick = { level: 1, params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }

function codingFor(accepted: string, bytes: number): 'br' | 'gzip' | undefined {
  if (bytes < worthwhileBytes) return undefined
  const codings = accepted.split(',').flatMap(one => {
    const [name = '', quality = ''] = one.split(';').map(part => part.trim())
    return /^q=0(\.0*)?$/.test(quality) ? [] : [name]
  })
  return codings.includes('br') ? 'br' : codings.includes('gzip') ? 'gzip' : undefined
}
