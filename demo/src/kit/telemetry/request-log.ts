/** One answered request, as a line of the log. */
export interface LoggedRequest {
  readonly method: string
  readonly route: string
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly traceId: string
  readonly spanId: string
  readonly requestId: string | undefined
  readonly userId: string | undefined
  /** Time spent in calls to others and in the database. */
  readonly timingsMs: ReadonlyMap<string, number>
}

/** Where lines go; `written` is called when it is ready for more, also when it failed. */
export interface LineSink {
  write(text: string, written: () => void): unknown
}

const flushMs = 250
const flushChars = 64 * 1_024
/** Beyond this, lines are left out: a reader that is too slow must not fill our memory. */
const heldCharsMax = 1_024 * 1_024

/**
 * One JSON line a request, written in batches so that the log costs less than what it tells about.
 * Lines that the reader is too slow for are left out; the next line that fits says how many.
 */
export class RequestLog {
  readonly #sink: LineSink
  readonly #always: Readonly<Record<string, string>>
  readonly #timer: NodeJS.Timeout
  #lines: string[] = []
  #chars = 0
  #leftOut = 0
  #writing: Promise<void> | undefined

  constructor(options: {
    readonly sink: LineSink
    readonly service: string
    readonly instance: string
  }) {
    const { sink, service, instance } = options
    this.#sink = sink
    this.#always = { service, instance }
    this.#timer = setInterval(() => this.#flushWhenFree(), flushMs)
    this.#timer.unref()
  }

  add(request: LoggedRequest): void {
    if (this.#chars >= heldCharsMax) {
      this.#leftOut += 1
      return
    }
    const line = `${JSON.stringify(this.#fields(request))}\n`
    this.#lines.push(line)
    this.#chars += line.length
    if (this.#chars >= flushChars) this.#flushWhenFree()
  }

  /** Resolves when everything added before has been handed to the system. */
  async flush(): Promise<void> {
    while (this.#lines.length > 0 || this.#writing) {
      this.#writing ??= this.#write()
      await this.#writing
    }
  }

  #flushWhenFree(): void {
    if (!this.#writing) void this.flush()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    const text = this.#lines.join('')
    this.#lines = []
    // The text counts as held until it is written: that is what bounds the memory.
    await new Promise<void>(resolve => this.#sink.write(text, () => resolve()))
    this.#chars -= text.length
    this.#writing = undefined
  }

  #fields(request: LoggedRequest): object {
    const { method, route, path, status, durationMs } = request
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return {
      time: new Date().toISOString(),
      ...this.#always,
      ...{ method, route, path, status, durationMs: rounded(durationMs) },
      ...(request.traceId && { trace_id: request.traceId, span_id: request.spanId }),
      ...(request.requestId !== undefined && { request_id: request.requestId }),
      ...(request.userId !== undefined && { user_id: request.userId }),
      ...(request.timingsMs.size > 0 && { upstreamMs: upstream(request.timingsMs) }),
      ...(leftOut > 0 && { left_out: leftOut }),
    }
  }
}

function upstream(timingsMs: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...timingsMs].map(([part, ms]) => [part, rounded(ms)]))
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}
