import { headerName, headerValue, withoutLine, type HeadLines } from './head-lines.ts'

/** Header lines of one request, on their way into its head. */
export interface RequestLines {
  /** What goes with every request to this origin, without what the request says itself. */
  readonly base: HeadLines
  /** What the request says itself. */
  readonly given: HeadLines
}

// What a redirect to another origin must not carry, and what describes a body that is not sent.
const secrets = ['authorization', 'cookie', 'proxy-authorization']
const aboutBody = /^content-/

export interface Leaving {
  readonly host: boolean
  readonly secrets: boolean
  readonly aboutBody: boolean
}

/** Puts a request's own headers in place of those of the session with the same name. */
export function requestLines(
  base: HeadLines,
  headers: Readonly<Record<string, string>>,
  leaving: Leaving,
): RequestLines {
  let rest = base
  let given = ''
  for (const name in headers) {
    const lower = headerName(name)
    if (leaving.host && lower === 'host') continue
    if (leaving.secrets && secrets.includes(lower)) continue
    if (leaving.aboutBody && aboutBody.test(lower)) continue
    given += `\r\n${lower}: ${headerValue(lower, headers[name])}`
    rest = withoutLine(rest, lower)
  }
  return { base: rest, given }
}

/** Adds the jar's cookies ('a=1; b=2', or '') to a head that has no end yet. */
export function withCookies(head: string, cookies: string): string {
  if (cookies === '') return head
  const start = '\r\ncookie: '
  const at = head.indexOf(start)
  if (at < 0) return `${head}${start}${cookies}`
  const valueAt = at + start.length
  return `${head.slice(0, valueAt)}${cookies}; ${head.slice(valueAt)}`
}

/** The trace id of a traceparent that the script made itself; '' when it is none. */
export function traceIdOf(traceparent: string): string {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent)?.[1] ?? ''
}

/** End of a head without body: methods that usually have one say it is empty (RFC 9110, 8.6). */
export function emptyEnd(method: string): string {
  const usuallyHasBody = method === 'POST' || method === 'PUT' || method === 'PATCH'
  return usuallyHasBody ? '\r\ncontent-length: 0\r\n\r\n' : '\r\n\r\n'
}
