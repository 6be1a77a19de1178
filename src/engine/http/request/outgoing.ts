import type { ExchangeRequest, Origin } from '../../../protocols/index.ts'
import type { Redirect } from '../answer/redirect.ts'
import type { ScenarioHttp } from '../scenario-http.ts'
import { mergedLines, type SessionState } from '../session-state.ts'
import { encodeBody, type BodyContext, type EncodedBody, type WireBody } from './body.ts'
import { emptyEnd, requestLines, traceIdOf, withCookies } from './head.ts'
import { lineValue, withoutLine, type HeadLines } from './head-lines.ts'
import { requestLine, type Template } from './template.ts'
import type { Wishes } from './wishes.ts'

const noHeaders: Readonly<Record<string, string>> = {}
const noBody: EncodedBody = { body: undefined, chunked: false, lines: '', isSingleUse: false }

/** What goes out for one call of the script: its first request, then those it is redirected to. */
export class Outgoing implements ExchangeRequest {
  method = 'GET'
  origin: Origin
  target = '/'
  head = ''
  body: WireBody = undefined
  chunked = false
  timeoutUs = 0.5
  readonly maxBodyBytes: number
  traceId = ''
  readonly #http: ScenarioHttp
  /** The body was the script's own stream, which cannot be sent again. */
  isSingleUse = false
  readonly #context: BodyContext
  #bodyLines: HeadLines = ''
  /** A redirect led to another origin: what the request said in confidence stays behind. */
  #leftOrigin = false
  #leftBody = false

  constructor(http: ScenarioHttp) {
    this.#http = http
    this.origin = http.origin
    const newBoundary = () => `loadstone-${http.tracing.newTraceId()}`
    this.#context = { scriptFolder: http.scriptFolder, newBoundary }
    this.maxBodyBytes = http.scenario.maxBodyBytes
  }

  /** Writes the first request. Whatever the script got wrong is a ScriptError. */
  begin(state: SessionState, template: Template, wishes: Wishes): void {
    this.method = template.method
    this.origin = template.origin
    this.timeoutUs = wishes.timeoutUs
    const { spans, tracing } = this.#http
    this.traceId = spans === undefined ? tracing.newTraceId() : spans.traceIdFor(state.user)
    if (wishes.plainHead && template.target !== undefined) {
      this.target = template.target
      this.head = this.#plainHead(state, template)
      return
    }
    this.target = template.fill(wishes.params, wishes.query)
    this.#write(state, wishes, true)
  }

  /** Writes the request that a redirect asks for. */
  follow(redirect: Redirect, state: SessionState, wishes: Wishes): void {
    if (redirect.origin.key !== this.origin.key) this.#leftOrigin = true
    if (redirect.dropsBody) this.#dropBody()
    this.method = redirect.method
    this.origin = redirect.origin
    this.target = redirect.target
    this.#write(state, wishes, false)
  }

  /** Lets go of everything that belongs to one call. */
  clear(): void {
    if (this.body !== undefined || this.#leftBody) this.#dropBody()
    this.head = ''
    this.#leftOrigin = this.#leftBody = false
  }

  #dropBody(): void {
    this.body = undefined
    this.chunked = this.isSingleUse = false
    this.#bodyLines = ''
    this.#leftBody = true
  }

  #plainHead(state: SessionState, template: Template): string {
    const { headers, cookies } = state
    const start =
      headers === undefined || !template.own
        ? template.plainHead
        : `${template.requestLine}${headers.lines}\r\ntraceparent: `
    const head = start + this.#http.tracing.traceparent(this.traceId)
    if (cookies === undefined) return head + template.emptyEnd
    return withCookies(head, cookies.valueFor(this.origin, this.target)) + template.emptyEnd
  }

  #write(state: SessionState, wishes: Wishes, isFirst: boolean): void {
    const leaving = {
      host: this.#leftOrigin,
      secrets: this.#leftOrigin && !wishes.includeCredentials,
      aboutBody: this.#leftBody,
    }
    const session = this.#sessionLines(state, wishes)
    const { base, given } = requestLines(session, wishes.headers ?? noHeaders, leaving)
    if (isFirst) this.#encodeBody(wishes, given)
    // A type that the session sets for all requests gives way to that of the body.
    const lines = this.#bodyLines.includes('content-type:')
      ? withoutLine(base, 'content-type')
      : base
    const head = requestLine(this.method, this.target) + lines + given + this.#traceLine(given)
    const cookies = state.cookies?.valueFor(this.origin, this.target) ?? ''
    this.head = `${withCookies(head, cookies)}${this.#bodyLines}${this.#end(given)}`
  }

  #sessionLines(state: SessionState, wishes: Wishes): HeadLines {
    const http = this.#http
    if (http.isOwn(this.origin)) return state.headers?.lines ?? http.lines
    if (!wishes.includeCredentials) return http.linesFor(this.origin)
    const trusted = http.trustedLinesFor(this.origin)
    const own = state.headers?.own ?? ''
    return own === '' ? trusted : mergedLines(trusted, withoutLine(own, 'host'))
  }

  #encodeBody(wishes: Wishes, given: HeadLines): void {
    const encoded =
      wishes.bodyKind === undefined ? noBody : encodeBody(wishes, given, this.#context)
    this.body = encoded.body
    this.chunked = encoded.chunked
    this.isSingleUse = encoded.isSingleUse
    this.#bodyLines = encoded.lines
  }

  /** Also with a redirect the trace stays the same; only the span is a new one. */
  #traceLine(given: HeadLines): HeadLines {
    const scripted = lineValue(given, 'traceparent')
    if (scripted === undefined) {
      return `\r\ntraceparent: ${this.#http.tracing.traceparent(this.traceId)}`
    }
    this.traceId = traceIdOf(scripted)
    return ''
  }

  #end(given: HeadLines): string {
    const declared = lineValue(given, 'content-length') !== undefined
    return this.body === undefined && !declared ? emptyEnd(this.method) : '\r\n\r\n'
  }
}
