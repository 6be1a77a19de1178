import { Problem } from '../../kit/http/problem.ts'

export interface Part {
  readonly name: string
  /** Undefined for a plain field. */
  readonly filename: string | undefined
  readonly contentType: string
  readonly bytes: Buffer
}

const headEnd = Buffer.from('\r\n\r\n')
const partsMax = 100

/**
 * The parts of a multipart/form-data body (RFC 7578). Throws 415 for another type and 400 for a
 * body that breaks the format.
 */
export function multipartParts(contentType: string, body: Buffer): Part[] {
  const boundary = boundaryOf(contentType)
  const opening = Buffer.from(`--${boundary}`)
  const between = Buffer.from(`\r\n--${boundary}`)
  const parts: Part[] = []
  let at = body.indexOf(opening)
  if (at === -1) throw broken('its boundary does not occur')
  at += opening.length
  // After a boundary comes either '--' (the end) or a line end and the next part.
  while (body.toString('latin1', at, at + 2) !== '--') {
    if (parts.length === partsMax) throw broken(`it has more than ${partsMax} parts`)
    const head = body.indexOf('\r\n', at)
    const end = body.indexOf(between, at)
    if (head === -1 || end === -1) throw broken('a part has no end')
    parts.push(partOf(body.subarray(head, end)))
    at = end + between.length
  }
  return parts
}

function boundaryOf(contentType: string): string {
  const match = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(
    contentType,
  )
  const boundary = match?.[1] ?? match?.[2]
  if (boundary !== undefined) return boundary
  throw new Problem(415, `the body must be multipart/form-data with a boundary, not ${contentType}`)
}

/** `bytes` starts at the line end before the part's first header. */
function partOf(bytes: Buffer): Part {
  const end = bytes.indexOf(headEnd)
  if (end === -1) throw broken('a part has no empty line after its headers')
  const headers = new Map(
    bytes
      .toString('utf8', 0, end)
      .split('\r\n')
      .map(line => [line.split(':')[0]!.trim().toLowerCase(), line.replace(/^[^:]*:\s*/, '')]),
  )
  const disposition = headers.get('content-disposition') ?? ''
  const name = /\bname="([^"]*)"/i.exec(disposition.replace(/filename="[^"]*"/i, ''))?.[1]
  if (name === undefined) throw broken('a part has no name')
  return {
    name,
    filename: /\bfilename="([^"]*)"/i.exec(disposition)?.[1],
    contentType: headers.get('content-type') ?? 'text/plain',
    bytes: bytes.subarray(end + headEnd.length),
  }
}

const broken = (why: string) => new Problem(400, `the multipart body is broken: ${why}`)
