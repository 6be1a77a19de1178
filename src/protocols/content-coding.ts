import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'

interface Limit {
  readonly maxOutputLength: number
}

const decoders: Readonly<Record<string, (bytes: Uint8Array, limit: Limit) => Uint8Array>> = {
  identity: bytes => bytes,
  gzip: (bytes, limit) => gunzipSync(bytes, limit),
  'x-gzip': (bytes, limit) => gunzipSync(bytes, limit),
  deflate: (bytes, limit) =>
    // RFC 9110 8.4.1.2: deflate means a zlib stream, but some servers send it bare. A zlib stream
    // begins with method 8 in the low half of its first byte.
    ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, limit) : inflateRawSync(bytes, limit),
  br: (bytes, limit) => brotliDecompressSync(bytes, limit),
  zstd: (bytes, limit) => zstdDecompressSync(bytes, limit),
}

/** More layers than this is an attack: each may multiply the work. */
const codingsMax = 5

/**
 * The body without its content codings; `contentEncoding` is the header's value, several joined by
 * ', ' in the order they were applied. An empty body stays empty whatever it declares (HEAD).
 * Throws an Error in words when the bytes are not what they declare, when a coding is unknown, or
 * when a layer grows beyond `maxBytes` (nothing larger than that is ever allocated).
 */
export function decodeContent(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): Uint8Array {
  if (contentEncoding === undefined || body.length === 0) return body
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map(coding => coding.trim())
    .filter(coding => coding !== '')
  if (codings.length > codingsMax) throw new Error(`body has ${codings.length} content codings`)
  return codings.reduceRight((bytes, coding) => decodeOne(bytes, coding, maxBytes), body)
}

function decodeOne(bytes: Uint8Array, coding: string, maxBytes: number): Uint8Array {
  const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (decode === undefined) throw new Error(`body has the unknown content coding "${coding}"`)
  try {
    return decode(bytes, { maxOutputLength: Math.max(1, maxBytes) })
  } catch (error) {
    const isTooLarge =
      error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    const what = isTooLarge
      ? `body grows beyond ${maxBytes} bytes when decoded from ${coding}`
      : `body is not valid ${coding}`
    throw new Error(what, { cause: error })
  }
}
