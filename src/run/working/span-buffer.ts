import type { SpanSink } from '../../engine/index.ts'
import type { UserSpan } from '../../metrics/index.ts'
import type { FromWorker } from '../messages.ts'

const spansPerSecond = 5000
/** What iterations under way may still add to a full second. */
const spansAtMost = 20_000
const spansPerMessage = 500

/**
 * Spans on their way to the controller. Beyond a limit whole iterations are left out, and counted,
 * rather than pieces of all of them.
 */
export class SpanBuffer implements SpanSink {
  readonly #worker: number
  readonly #send: (message: FromWorker) => void
  #spans: UserSpan[] = []
  #inSecond = 0
  #iterationsLeftOut = 0
  #spansLost = 0

  constructor(worker: number, send: (message: FromWorker) => void) {
    this.#worker = worker
    this.#send = send
  }

  takeIteration(): boolean {
    if (this.#inSecond < spansPerSecond) return true
    this.#iterationsLeftOut += 1
    return false
  }

  add(span: UserSpan): void {
    this.#inSecond += 1
    if (this.#inSecond > spansAtMost) {
      this.#spansLost += 1
      return
    }
    this.#spans.push(span)
    if (this.#spans.length >= spansPerMessage) this.#flush()
  }

  /** Sends what is held; a new second has a new share. */
  nextSecond(): void {
    this.#inSecond = 0
    this.#flush()
  }

  #flush(): void {
    const spans = this.#spans
    const iterationsLeftOut = this.#iterationsLeftOut
    const spansLost = this.#spansLost
    if (spans.length === 0 && iterationsLeftOut === 0 && spansLost === 0) return
    const batch = { spans, iterationsLeftOut, spansLost }
    this.#send({ kind: 'spans', worker: this.#worker, batch })
    this.#spans = []
    this.#iterationsLeftOut = this.#spansLost = 0
  }
}
