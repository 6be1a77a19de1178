import type { RunSummary, SpanBatch } from '../../metrics/index.ts'
import { Delivery } from '../delivery/delivery.ts'
import { rejectedWords, type OutputPlace } from '../output.ts'
import type { OutputTarget } from '../output-target.ts'
import { encodeTraces, type OtlpSpan } from './otlp-messages.ts'
import { otlpDelivery, otlpResource } from './otlp-output.ts'
import { otlpSpan, runSpan } from './spans-to-otlp.ts'

/** Spans of the virtual users over OTLP/HTTP. */
export class TracesOutput {
  readonly #target: OutputTarget
  readonly #place: OutputPlace
  readonly #delivery: Delivery
  #startAtUnixMs: number | undefined
  #iterationsLeftOut = 0
  #spansLost = 0

  constructor(target: OutputTarget, place: OutputPlace) {
    this.#target = target
    this.#place = place
    this.#delivery = new Delivery(otlpDelivery(target, place, place.otlp.traceHeaders))
  }

  start(startAtUnixMs: number): void {
    this.#startAtUnixMs = startAtUnixMs
  }

  add({ spans, iterationsLeftOut, spansLost }: SpanBatch): void {
    this.#iterationsLeftOut += iterationsLeftOut
    this.#spansLost += spansLost
    const startAtUnixMs = this.#startAtUnixMs
    if (startAtUnixMs === undefined || spans.length === 0) return
    const run = { id: this.#place.run.id, startAtUnixMs, targets: this.#place.targets }
    this.#send(spans.map(span => otlpSpan(span, run)))
  }

  /** Sends the rest and the span of the run; what is missing, in words. */
  async close({ run }: RunSummary, boundUs: number): Promise<string[]> {
    if (this.#startAtUnixMs !== undefined) this.#send([runSpan(run)])
    const { items, lost, why, rejected } = await this.#delivery.close(boundUs)
    const where = `--out ${this.#target.shown}`
    const leftOut =
      `${where}: too many spans, so ${this.#iterationsLeftOut} iterations were left out of the ` +
      `traces, and ${this.#spansLost} spans of others; sample fewer (tracing: { sampled })`
    return [
      ...(lost === 0 ? [] : [`${where}: ${lost} of ${items} spans did not arrive (${why})`]),
      ...rejectedWords(this.#target.shown, rejected, 'spans'),
      ...(this.#iterationsLeftOut + this.#spansLost === 0 ? [] : [leftOut]),
    ]
  }

  #send(spans: readonly OtlpSpan[]): void {
    const scope = { name: 'loadstone', version: this.#place.run.loadstoneVersion }
    const resource = otlpResource(this.#place)
    const request = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] }
    const body = encodeTraces(request, this.#place.otlp.encoding)
    this.#delivery.add({ body, items: spans.length })
  }
}
