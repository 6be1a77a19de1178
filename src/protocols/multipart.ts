import { createReadStream, statSync, type Stats } from 'node:fs'
import { basename, extname } from 'node:path'
import { messageOf, UsageError } from '../base/index.ts'

/** One part of a multipart/form-data body, in the order given. */
export type MultipartPart =
  | {
      readonly name: string
      readonly content: string | Uint8Array
      readonly filename?: string | undefined
      /** @default by the filename's ending; none for text without a filename */
      readonly type?: string | undefined
    }
  | {
      readonly name: string
      /** Path of a file, read anew for every request. */
      readonly file: string
      /** @default the file's own name */
      readonly filename?: string | undefined
      /** @default by the filename's ending, else application/octet-stream */
      readonly type?: string | undefined
    }

export interface Multipart {
  /** Value for the content-type header. */
  readonly contentType: string
  /** Bytes when all parts are in memory, else a stream that can be read again from its start. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
  /** undefined when a part's size cannot be known before it is read (a pipe). */
  readonly lengthBytes: number | undefined
}

const typeByEnding: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
}

interface FileRange {
  readonly path: string
  readonly lengthBytes: number | undefined
}

/**
 * A multipart/form-data body (RFC 7578). `boundary`: 1 to 70 letters and digits that occur in no
 * part; pass a random one. Files are not read here, only looked at.
 * Throws a UsageError: MULTIPART_FILE when a file is missing or is a folder, MULTIPART_INVALID when
 * a type or the boundary cannot stand in a header.
 */
export function buildMultipart(parts: readonly MultipartPart[], boundary: string): Multipart {
  if (!/^[\w-]{1,70}$/.test(boundary)) throw invalid(`boundary "${boundary}"`)
  const pieces: (Buffer | FileRange)[] = []
  for (const part of parts) {
    pieces.push(Buffer.from(`--${boundary}\r\n${partHead(part)}\r\n`, 'utf8'))
    pieces.push('file' in part ? fileRange(part.name, part.file) : bytesOf(part.content))
    pieces.push(Buffer.from('\r\n', 'latin1'))
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'))
  const inMemory = pieces.filter(piece => Buffer.isBuffer(piece))
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: inMemory.length === pieces.length ? Buffer.concat(inMemory) : streamOf(pieces),
    lengthBytes: totalLength(pieces),
  }
}

function partHead(part: MultipartPart): string {
  const filename = part.filename ?? ('file' in part ? basename(part.file) : undefined)
  const isPlainText =
    filename === undefined && 'content' in part && typeof part.content === 'string'
  const guessed = typeByEnding[extname(filename ?? '').toLowerCase()] ?? 'application/octet-stream'
  const type = part.type ?? (isPlainText ? undefined : guessed)
  if (type !== undefined && /[\x00-\x1f\x7f]/.test(type)) throw invalid(`type of "${part.name}"`)
  const disposition = `content-disposition: form-data; name="${quoted(part.name)}"`
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`
  return `${disposition}${file}\r\n${type === undefined ? '' : `content-type: ${type}\r\n`}`
}

/** As browsers do it (WHATWG "multipart/form-data encoding algorithm"): UTF-8, three escapes. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function bytesOf(content: string | Uint8Array): Buffer {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)
}

function fileRange(name: string, path: string): FileRange {
  let stats: Stats
  try {
    stats = statSync(path)
  } catch (error) {
    throw new UsageError(
      'MULTIPART_FILE',
      `multipart "${name}": the file ${path} cannot be read (${messageOf(error)}); check the path`,
      { cause: error },
    )
  }
  if (stats.isDirectory()) {
    throw new UsageError('MULTIPART_FILE', `multipart "${name}": ${path} is a folder; name a file`)
  }
  return { path, lengthBytes: stats.isFile() ? stats.size : undefined }
}

function totalLength(pieces: readonly (Buffer | FileRange)[]): number | undefined {
  let total = 0
  for (const piece of pieces) {
    const lengthBytes = Buffer.isBuffer(piece) ? piece.length : piece.lengthBytes
    if (lengthBytes === undefined) return undefined
    total += lengthBytes
  }
  return total
}

function streamOf(pieces: readonly (Buffer | FileRange)[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const piece of pieces) {
        if (Buffer.isBuffer(piece)) yield piece
        else yield* bytesOfFile(piece)
      }
    },
  }
}

async function* bytesOfFile(file: FileRange): AsyncGenerator<Uint8Array> {
  let sentBytes = 0
  if (file.lengthBytes === 0) return
  // A file that has grown since is sent up to the length that was declared.
  const end = file.lengthBytes === undefined ? Infinity : file.lengthBytes - 1
  for await (const bytes of createReadStream(file.path, { end })) {
    sentBytes += (bytes as Buffer).length
    yield bytes as Buffer
  }
  // The length was declared already: another one would make the server wait, or read on wrongly.
  if (file.lengthBytes !== undefined && sentBytes !== file.lengthBytes) {
    throw new Error('a file changed while it was sent')
  }
}

function invalid(what: string): UsageError {
  return new UsageError(
    'MULTIPART_INVALID',
    `multipart: the ${what} holds a character that cannot stand in a header; leave it out`,
  )
}
