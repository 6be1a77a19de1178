import type { Socket } from 'node:net'
import type { ExchangeRequest } from '../exchange.ts'

/** A body up to this size is copied behind the head, so that both leave in one system call. */
const joinedBodyMax = 65_536

export function isStream(body: ExchangeRequest['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && !(body instanceof Uint8Array)
}

/** Writes a request that is whole in memory; returns its size on the wire, in bytes. */
export function writeRequest(
  socket: Socket,
  head: string,
  body: string | Uint8Array | undefined,
): number {
  if (body === undefined || body.length === 0) {
    socket.write(head, 'latin1')
    return head.length
  }
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body, 'utf8') : body.length
  if (bodyBytes <= joinedBodyMax) {
    const bytes = Buffer.allocUnsafe(head.length + bodyBytes)
    bytes.write(head, 'latin1')
    if (typeof body === 'string') bytes.write(body, head.length, 'utf8')
    else bytes.set(body, head.length)
    socket.write(bytes)
  } else {
    socket.cork()
    socket.write(head, 'latin1')
    if (typeof body === 'string') socket.write(body, 'utf8')
    else socket.write(body)
    socket.uncork()
  }
  return head.length + bodyBytes
}

export interface UploadListener {
  /** Bytes were handed to the socket. */
  uploaded(bytes: number): void
  /** The whole body was handed to the socket. */
  uploadEnded(): void
  /** The stream of the body threw. */
  uploadFailed(error: unknown): void
}

export interface UploadOptions {
  readonly socket: Socket
  readonly head: string
  readonly body: AsyncIterable<Uint8Array>
  /** Each part becomes a chunk. */
  readonly chunked: boolean
  readonly listener: UploadListener
}

/** Sends a request whose body is a stream, no faster than the server takes it, until stopped. */
export class Upload {
  readonly #options: UploadOptions
  readonly #parts: AsyncIterator<Uint8Array>
  #stopped = false
  #wake: (() => void) | undefined

  constructor(options: UploadOptions) {
    this.#options = options
    this.#parts = options.body[Symbol.asyncIterator]()
  }

  /** Nothing is reported afterwards; the stream is told that no more is wanted. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#wake?.()
    // A stream that fails while it is being closed fails to do what nobody waits for.
    this.#parts.return?.().then(ignore, ignore)
  }

  start(): void {
    this.#run().then(
      () => this.#end(() => this.#options.listener.uploadEnded()),
      (error: unknown) => this.#end(() => this.#options.listener.uploadFailed(error)),
    )
  }

  /** Out of the promise, so that what a listener throws is not taken for the stream's failure. */
  #end(report: () => void): void {
    if (this.#stopped) return
    this.#stopped = true
    setImmediate(report)
  }

  async #run(): Promise<void> {
    const { socket, head, chunked } = this.#options
    socket.write(head, 'latin1')
    this.#options.listener.uploaded(head.length)
    for (;;) {
      const next = await this.#parts.next()
      if (this.#stopped) return
      if (next.done === true) break
      const part = next.value
      // A chunk of size 0 would end the body.
      if (part.length === 0) continue
      if (!this.#writePart(part)) await this.#drained()
      if (this.#stopped) return
    }
    if (!chunked) return
    socket.write('0\r\n\r\n', 'latin1')
    this.#options.listener.uploaded(5)
  }

  #writePart(part: Uint8Array): boolean {
    const { socket, chunked, listener } = this.#options
    if (!chunked) {
      listener.uploaded(part.length)
      return socket.write(part)
    }
    const size = `${part.length.toString(16)}\r\n`
    listener.uploaded(size.length + part.length + 2)
    socket.cork()
    socket.write(size, 'latin1')
    socket.write(part)
    const isRoom = socket.write('\r\n', 'latin1')
    socket.uncork()
    return isRoom
  }

  #drained(): Promise<void> {
    const { socket } = this.#options
    return new Promise(resolve => {
      this.#wake = () => {
        socket.off('drain', resolve)
        resolve()
      }
      socket.once('drain', resolve)
    })
  }
}

function ignore(): void {}
