import type { Answer, ExchangeClient, ExchangeRequest } from '../../../protocols/index.ts'

/** What the fake target answers; everything has a default. */
export interface FakeAnswer {
  readonly failure?: string
  readonly status?: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Uint8Array
  /** Body cannot be decoded by its content-encoding. */
  readonly undecodable?: boolean
  /** From start to last byte. @default 1000 */
  readonly tookUs?: number
  /** @default 0 */
  readonly retries?: number
}

export interface SentRequest {
  readonly method: string
  readonly origin: string
  readonly requestLine: string
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Names as often and in the order they were sent. */
  readonly names: readonly string[]
  readonly body: unknown
  readonly chunked: boolean
  readonly timeoutUs: number
}

/** A client that answers from a function; time stands at `nowUs` and moves by what answers take. */
export class FakeClient implements ExchangeClient {
  readonly sent: SentRequest[] = []
  nowUs = 10_000
  isClosed = false
  readonly #answer: (request: SentRequest, index: number) => FakeAnswer | undefined

  /** Answering undefined leaves the exchange open until `close`. */
  constructor(answer: (request: SentRequest, index: number) => FakeAnswer | undefined) {
    this.#answer = answer
  }

  #open: (() => void)[] = []

  exchange(request: ExchangeRequest, done: (answer: Answer) => void): void {
    const sent = readRequest(request)
    this.sent.push(sent)
    const startedAtUs = this.nowUs
    const land = (fake: FakeAnswer) => {
      this.nowUs += fake.tookUs ?? 1000
      done(answerOf(fake, startedAtUs, this.nowUs))
    }
    const fake = this.#answer(sent, this.sent.length - 1)
    if (fake !== undefined) setImmediate(() => land(fake))
    else this.#open.push(() => land({ failure: 'aborted' }))
  }

  close(): void {
    this.isClosed = true
    for (const abort of this.#open.splice(0)) abort()
  }
}

function readRequest(request: ExchangeRequest): SentRequest {
  const [requestLine = '', ...lines] = request.head.split('\r\n')
  if (lines.splice(-2).join() !== ',') throw new Error('the head does not end with a blank line')
  const pairs = lines.map(line => /^([^:]+): (.*)$/s.exec(line)?.slice(1) ?? [`bad line ${line}`])
  return {
    method: request.method,
    origin: request.origin.key,
    requestLine,
    headers: Object.fromEntries(pairs) as Record<string, string>,
    names: pairs.map(pair => pair[0] ?? ''),
    body: request.body,
    chunked: request.chunked,
    timeoutUs: request.timeoutUs,
  }
}

function answerOf(fake: FakeAnswer, startedAtUs: number, endedAtUs: number): Answer {
  const headers = fake.headers ?? []
  const linesOf = (name: string) =>
    headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  const body = typeof fake.body === 'string' ? new TextEncoder().encode(fake.body) : fake.body
  const rawBody = body ?? new Uint8Array(0)
  return {
    failure: fake.failure,
    status: fake.failure === undefined ? (fake.status ?? 200) : 0,
    statusText: 'As Told',
    header: name => (linesOf(name).length === 0 ? undefined : linesOf(name).join(', ')),
    headerLines: linesOf,
    headerEntries: () => headers,
    setsCookies: linesOf('set-cookie').length > 0,
    rawBody,
    body: () => {
      if (fake.undecodable === true) throw new Error('incorrect header check')
      return rawBody
    },
    ...{ startedAtUs, endedAtUs, dnsUs: 1, connectUs: 2, tlsUs: 3, firstByteUs: 400 },
    ...{ downloadUs: 500, connectionReused: false, bytesIn: 100, bytesOut: 50 },
    retries: fake.retries ?? 0,
  }
}
