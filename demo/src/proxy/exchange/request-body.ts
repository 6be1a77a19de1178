import type { ClientRequest, IncomingMessage } from 'node:http'

/**
 * A request's body on its way to a try. It flows only while there is a try that takes it. What went
 * through is kept for the next one, up to `keepBytesMax` (0: nothing is kept).
 */
export class RequestBody {
  bytes = 0
  #complete: boolean
  #kept: Buffer[] | undefined
  #keptBytes = 0
  #sink: ClientRequest | undefined
  #listening = false
  readonly #incoming: IncomingMessage
  readonly #keepBytesMax: number
  readonly #onComplete: () => void

  constructor(
    incoming: IncomingMessage,
    options: { readonly keepBytesMax: number; readonly onComplete: () => void },
  ) {
    this.#incoming = incoming
    this.#keepBytesMax = options.keepBytesMax
    this.#onComplete = options.onComplete
    this.#complete = !hasBody(incoming)
    this.#kept = options.keepBytesMax > 0 || this.#complete ? [] : undefined
  }

  /** All of it has come. */
  get complete(): boolean {
    return this.#complete
  }

  /** Another try can have it from the start. */
  get replayable(): boolean {
    return this.#kept !== undefined
  }

  /** Gives the try what is kept, then what comes, and ends it when all has come. */
  attach(sink: ClientRequest): void {
    for (const chunk of this.#kept ?? []) sink.write(chunk)
    if (this.#complete) {
      sink.end()
      return
    }
    this.#sink = sink
    sink.on('drain', () => {
      if (this.#sink === sink) this.#incoming.resume()
    })
    if (!this.#listening) this.#listen()
    this.#incoming.resume()
  }

  /** The try takes no more: the rest waits for the next one. */
  detach(): void {
    if (!this.#sink) return
    this.#sink = undefined
    this.#incoming.pause()
  }

  /** Nobody wants the rest: it is read and thrown away, so that the connection can go on. */
  discard(): void {
    this.#sink = undefined
    this.#kept = undefined
    this.#incoming.resume()
  }

  #listen(): void {
    this.#listening = true
    this.#incoming.on('data', (chunk: Buffer) => this.#onData(chunk))
    this.#incoming.once('end', () => {
      this.#complete = true
      this.#sink?.end()
      this.#onComplete()
    })
  }

  #onData(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.#kept) this.#keep(chunk)
    if (this.#sink && !this.#sink.write(chunk)) this.#incoming.pause()
  }

  #keep(chunk: Buffer): void {
    this.#keptBytes += chunk.length
    if (this.#keptBytes > this.#keepBytesMax) this.#kept = undefined
    else this.#kept?.push(chunk)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
