import type { LiveEvent, Mark } from '../../src/server/api.ts'
import { bytesOfBase64 } from './base64.ts'
import type { RunModel } from './run-model.ts'

/** Before a feed that the server refused is asked for again, ms. */
const retryMs = 2000
const retriesMost = 30

export interface LiveFeedOptions {
  readonly model: RunModel
  readonly url: string
  /** Reads stored seconds from `from` on into the model. */
  readonly catchUp: (from: number, to?: number) => Promise<void>
  /** The feed is over: what is stored now is final. */
  readonly onEnd: () => void
}

/**
 * Follows a run under way. Before the feed opens, and every time it opens again, the seconds that
 * are not here yet are read from the store, so that a lost connection leaves no hole.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions
  #source: EventSource | undefined
  #retries = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  /** Work on the model, one piece after the other: seconds stay in order. */
  #work: Promise<void> = Promise.resolve()
  #ended = false

  constructor(options: LiveFeedOptions) {
    this.#options = options
    options.model.connection.value = 'connecting'
    this.#queue(() => options.catchUp(options.model.next))
    this.#queue(async () => this.#open())
  }

  stop(): void {
    this.#ended = true
    clearTimeout(this.#retry)
    this.#source?.close()
  }

  #open(): void {
    if (this.#ended) return
    const { model, url } = this.#options
    const source = new EventSource(`${url}?after=${model.next - 1}`)
    this.#source = source
    source.onopen = () => {
      const lost = model.connection.value === 'reconnecting'
      this.#retries = 0
      model.connection.value = 'live'
      if (lost) this.#queue(() => this.#options.catchUp(model.next))
    }
    source.onerror = () => this.#lost(source)
    for (const name of ['second', 'mark', 'phase', 'judged', 'log', 'ended'] as const) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => this.#take(name, data))
    }
  }

  #lost(source: EventSource): void {
    if (this.#ended) return
    const { connection } = this.#options.model
    connection.value = 'reconnecting'
    if (source.readyState !== EventSource.CLOSED) return
    this.#retries += 1
    if (this.#retries > retriesMost) {
      connection.value = 'lost'
      return
    }
    this.#retry = setTimeout(() => this.#open(), retryMs)
  }

  #take(event: LiveEvent['event'], text: string): void {
    if (event === 'second') {
      // Base64 needs no JSON around it; a server that quotes it is understood too.
      const bytes = bytesOfBase64(text.replaceAll('"', ''))
      this.#queue(() => this.#second(bytes))
      return
    }
    this.#tell({ event, data: JSON.parse(text) as unknown } as Exclude<
      LiveEvent,
      { event: 'second' }
    >)
  }

  async #second(bytes: Uint8Array): Promise<void> {
    const { model, catchUp } = this.#options
    const index = this.#indexOf(bytes)
    if (index > model.next) await catchUp(model.next, index)
    await model.add([bytes])
    await model.thin()
  }

  /** The head of a second is JSON that begins with its index. */
  #indexOf(bytes: Uint8Array): number {
    const start = bytes.indexOf('['.charCodeAt(0))
    const head = new TextDecoder().decode(bytes.subarray(start + 1, start + 20))
    return Number.parseInt(head, 10)
  }

  #tell(event: Exclude<LiveEvent, { event: 'second' }>): void {
    const { model, onEnd } = this.#options
    const { value: page } = model.page
    switch (event.event) {
      case 'mark':
        model.page.value = { ...page, marks: withMark(page.marks, event.data) }
        break
      case 'phase':
        model.phase.value = event.data
        break
      case 'judged':
        model.page.value = { ...page, ...event.data }
        break
      case 'ended':
        this.stop()
        this.#queue(async () => onEnd())
        break
      case 'log':
        break
    }
  }

  #queue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      // What was not read now is read when the feed opens again.
      console.warn(error)
    })
  }
}

/** The page that was read first may hold a mark that the feed tells too. */
function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const known = marks.some(one => one.atUs === mark.atUs && one.text === mark.text)
  return known ? marks : [...marks, mark]
}
