import type { Response, ResponseHeaders, ResponseTimings } from '../../../plan/index.ts'
import type { Answer, Origin } from '../../../protocols/index.ts'
import { messageOf } from '../../../base/index.ts'
import { ScriptError, UnreadableBody } from '../script-errors.ts'
import type { Series } from '../series.ts'

const shownCharacters = 80

/** The last request of a chain, as far as its response needs it. */
export interface Answered {
  readonly traceId: string
  readonly origin: Origin
  readonly target: string
}

/** An answer as the script sees it. Everything but the status is worked out when asked for. */
export class HttpResponse implements Response {
  readonly status: number
  readonly traceId: string
  /** Set once the verdict is known; until then the checks see an answer that is ok. */
  failure: string | undefined = undefined
  readonly #answer: Answer
  readonly #series: Series
  readonly #origin: Origin
  readonly #target: string
  readonly #startedAtUs: number
  #parsed: unknown
  #isParsed = false

  /** `startedAtUs` is that of the first request of the chain. */
  constructor(answer: Answer, series: Series, request: Answered, startedAtUs: number) {
    this.status = answer.status
    this.traceId = request.traceId
    this.#answer = answer
    this.#series = series
    this.#origin = request.origin
    this.#target = request.target
    this.#startedAtUs = startedAtUs
  }

  get ok(): boolean {
    return this.failure === undefined
  }

  get statusText(): string {
    return this.#answer.statusText
  }

  get url(): string {
    return this.#origin.key + this.#target
  }

  get headers(): ResponseHeaders {
    return new AnswerHeaders(this.#answer)
  }

  /** Phases are those of the last request of a redirect chain; the total covers the chain. */
  get timings(): ResponseTimings {
    const answer = this.#answer
    return {
      dnsMs: answer.dnsUs / 1000,
      connectMs: answer.connectUs / 1000,
      tlsMs: answer.tlsUs / 1000,
      firstByteMs: answer.firstByteUs / 1000,
      downloadMs: answer.downloadUs / 1000,
      totalMs: (answer.endedAtUs - this.#startedAtUs) / 1000,
      connectionReused: answer.connectionReused,
    }
  }

  bytes(): Uint8Array {
    try {
      return this.#answer.body()
    } catch (error) {
      const why = `cannot be decoded as ${this.headers.get('content-encoding') ?? 'it is'}`
      const message = `${this.#series.name}: the body ${why}: ${messageOf(error)}`
      throw new UnreadableBody(message, `body ${why}`, error)
    }
  }

  text(): string {
    const bytes = this.bytes()
    if (bytes.length === 0) return ''
    return decoded(bytes, this.#answer.header('content-type'))
  }

  json<T>(): T {
    if (!this.#isParsed) this.parsedAs(this.#parse())
    return this.#parsed as T
  }

  /** Makes `value` what `json()` returns: a schema's output, say. */
  parsedAs(value: unknown): void {
    this.#parsed = value
    this.#isParsed = true
  }

  #parse(): unknown {
    const text = this.text()
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new UnreadableBody(this.#notJson(text), 'body is not JSON', error)
    }
  }

  #notJson(text: string): string {
    const type = this.#answer.header('content-type') ?? 'no content-type'
    const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
    const what = text === '' ? 'it is empty' : `it begins ${JSON.stringify(shown)}`
    const answer = this.status > 0 ? `status ${this.status}` : this.failure
    return `${this.#series.name}: the answer (${answer}, ${type}) is not JSON: ${what}`
  }
}

/** Reads the header lines of an answer where they are. */
class AnswerHeaders implements ResponseHeaders {
  readonly #answer: Answer

  constructor(answer: Answer) {
    this.#answer = answer
  }

  get(name: string): string | undefined {
    return this.#answer.header(lower(name))
  }

  getAll(name: string): readonly string[] {
    return this.#answer.headerLines(lower(name))
  }

  has(name: string): boolean {
    return this.#answer.header(lower(name)) !== undefined
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    for (const [name, value] of this.#answer.headerEntries()) yield [name, value]
  }
}

function lower(name: string): string {
  if (typeof name !== 'string') throw new ScriptError('the name of a header must be a text')
  return name.toLowerCase()
}

/** Text of bytes in the charset the content type declares; UTF-8 when it declares none we know. */
function decoded(bytes: Uint8Array, contentType: string | undefined): string {
  const label = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase()
  if (label === undefined || label === 'utf-8' || label === 'utf8') return utf8(bytes)
  try {
    return new TextDecoder(label).decode(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return utf8(bytes)
  }
}

function utf8(bytes: Uint8Array): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const { buffer, byteOffset, byteLength } = bytes
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8', marked ? 3 : 0)
}
