import { pause, type Clock } from '../../base/index.ts'
import { post } from './post.ts'

/** One request's worth: its body and what it is made of, for counting. */
export interface Payload {
  readonly body: Uint8Array
  /** Batches, spans: what `Delivered` counts. */
  readonly items: number
}

export interface DeliveryOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly clock: Clock
  /** Bytes that wait at most; the oldest payloads give way. @default 16 MiB */
  readonly maxBytes?: number
  /** Statuses after which the same body may be sent again: `notNow`, `notNowOrBroken`. */
  readonly triesAgain: (status: number) => boolean
  /** Reads from the answer what of a body that was taken is missing nevertheless. */
  readonly rejectedOf?: (answer: Uint8Array) => Rejected | undefined
  /** Only a bonus: the first answer that refuses it ends it, and nobody is told. */
  readonly optional?: boolean
}

/** Parts of a body that an endpoint took without them. */
export interface Rejected {
  /** In the endpoint's own units: data points, spans. */
  readonly items: number
  /** In its words. */
  readonly why: string
}

export interface Delivered {
  readonly items: number
  readonly lost: number
  /** Why, in the words of the last failure; '' when nothing went wrong. */
  readonly why: string
  /** Parts of what was taken that were left out of it; `why` is of the last time. */
  readonly rejected: Rejected
}

const firstRetryUs = 500_000
const longestRetryUs = 10_000_000
const atEndRetryUs = 250_000
const timeoutUs = 10_000_000
const mebibyte = 1024 * 1024

/**
 * Payloads on their way to one endpoint, in order and one at a time: tried again until they are
 * taken, refused, or pushed out by newer ones. Nobody waits for it but `close`.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #maxBytes: number
  readonly #waiting: Payload[] = []
  readonly #over = new AbortController()
  #bytes = 0
  #items = 0
  #lost = 0
  #why = ''
  #rejected: Rejected = { items: 0, why: '' }
  #isOff = false
  #closing = new AbortController()
  #draining: Promise<void> | undefined

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? 16 * mebibyte
  }

  add(payload: Payload): void {
    if (this.#isOff) return
    this.#items += payload.items
    this.#waiting.push(payload)
    this.#bytes += payload.body.length
    while (this.#bytes > this.#maxBytes && this.#waiting.length > 1) this.#lose()
    this.#draining ??= this.#drain()
  }

  /** Sends what waits, for at most `boundUs`; what is left then is lost. */
  async close(boundUs: number): Promise<Delivered> {
    const { clock, optional } = this.#options
    this.#closing.abort()
    const cancel = clock.after(boundUs, () => this.#over.abort())
    await this.#draining
    cancel()
    while (this.#waiting.length > 0) this.#lose()
    const rejected = this.#rejected
    if (optional === true) return { items: 0, lost: 0, why: '', rejected }
    return { items: this.#items, lost: this.#lost, why: this.#why, rejected }
  }

  async #drain(): Promise<void> {
    let retryUs = firstRetryUs
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const result = await this.#post(next)
      if (this.#over.signal.aborted && result.kind === 'later') {
        if (this.#why === '') this.#why = 'it did not answer in time'
        break
      }
      if (result.kind !== 'taken') this.#why = result.why
      if (result.kind === 'later') {
        await this.#rest(result.afterUs ?? retryUs)
        retryUs = Math.min(retryUs * 2, longestRetryUs)
        continue
      }
      retryUs = firstRetryUs
      if (result.kind === 'taken') this.#take(next, result.answer)
      else if (this.#options.optional === true) this.#turnOff()
      else if (this.#waiting[0] === next) this.#lose()
    }
    this.#draining = undefined
  }

  async #post({ body }: Payload) {
    const { url, headers, clock, triesAgain } = this.#options
    const late = new AbortController()
    const cancel = clock.after(timeoutUs, () =>
      late.abort(new Error(`no answer in ${timeoutUs / 1e6} s`)),
    )
    const signal = AbortSignal.any([late.signal, this.#over.signal])
    const result = await post({ url, headers, body, signal, triesAgain })
    cancel()
    return result
  }

  /** Near the end there is no time for long rests. */
  async #rest(restUs: number): Promise<void> {
    const { clock } = this.#options
    const isClosing = this.#closing.signal.aborted
    const us = Math.min(restUs, isClosing ? atEndRetryUs : longestRetryUs)
    await pause(clock, us, isClosing ? this.#over.signal : this.#closing.signal)
  }

  #take(payload: Payload, answer: Uint8Array): void {
    const rejected = this.#options.rejectedOf?.(answer)
    if (rejected !== undefined) {
      this.#rejected = { ...rejected, items: this.#rejected.items + rejected.items }
    }
    // It may have been pushed out, and counted as lost, while it was on its way.
    if (this.#waiting[0] !== payload) return
    this.#waiting.shift()
    this.#bytes -= payload.body.length
  }

  #lose(): void {
    const payload = this.#waiting.shift()
    if (payload === undefined) return
    this.#bytes -= payload.body.length
    this.#lost += payload.items
  }

  #turnOff(): void {
    this.#isOff = true
    this.#waiting.length = 0
    this.#bytes = 0
  }
}
