import type { Clock } from '../base/index.ts'
import type { MergedSecond, RunSummary, SpanBatch } from '../metrics/index.ts'
import { RunFamilies } from '../report/index.ts'
import type { Delivered } from './delivery/delivery.ts'
import { LiveThresholds } from './live-thresholds.ts'
import { otlpOutput } from './otlp/otlp-output.ts'
import { rejectedWords, type MetricsOutput, type OutputPlace } from './output.ts'
import type { OutputTarget } from './output-target.ts'
import { TracesOutput } from './otlp/traces-output.ts'
import { prometheusOutput } from './remote-write/prometheus-output.ts'

const batchSeconds = 5
const endBoundUs = 3_000_000

/** Everything `--out` asked for, told what the run measures. Nothing here delays or ends a run. */
export class RunOutputs {
  readonly #families: RunFamilies
  readonly #thresholds: LiveThresholds
  readonly #outputs: readonly MetricsOutput[]
  readonly #traces: readonly TracesOutput[]
  readonly #clock: Clock
  #startAtUnixMs: number | undefined
  #lastAtUnixMs = 0
  #seconds = 0

  constructor(targets: readonly OutputTarget[], place: OutputPlace) {
    this.#families = new RunFamilies({ ...place.run, workers: place.workers })
    this.#thresholds = new LiveThresholds(place)
    this.#clock = place.clock
    this.#outputs = targets.flatMap(target => metricsOutput(target, place))
    this.#traces = targets
      .filter(({ kind }) => kind === 'otlp-traces')
      .map(target => new TracesOutput(target, place))
  }

  /** Some output takes spans. */
  get wantsSpans(): boolean {
    return this.#traces.length > 0
  }

  start(startAtUnixMs: number): void {
    for (const output of this.#traces) output.start(startAtUnixMs)
    this.#startAtUnixMs = startAtUnixMs
    this.#lastAtUnixMs = Math.round(startAtUnixMs)
  }

  second(second: MergedSecond): void {
    if (this.#outputs.length === 0 || second.windows.length === 0) return
    this.#families.add(second.second)
    this.#thresholds.add(second)
    this.#seconds = second.point.index + 1
    if (this.#seconds % batchSeconds !== 0) return
    this.#families.judged(this.#thresholds.results())
    this.#send(this.#seconds * 1000, false)
  }

  spans(batch: SpanBatch): void {
    for (const output of this.#traces) output.add(batch)
  }

  /**
   * Sends the rest, for at most 3 s. The summary comes back with a warning for each output that did
   * not get everything.
   */
  async close(summary: RunSummary): Promise<RunSummary> {
    this.#families.judged(summary.thresholds)
    this.#send(summary.run.durationUs / 1000, true)
    const all = await Promise.all([
      ...this.#outputs.map(async output => lossOf(output.shown, await output.close(endBoundUs))),
      ...this.#traces.map(output => output.close(summary, endBoundUs)),
    ])
    return { ...summary, warnings: [...summary.warnings, ...all.flat()] }
  }

  #send(afterMs: number, isLast: boolean): void {
    const startAtUnixMs = this.#startAtUnixMs
    if (startAtUnixMs === undefined) return
    const families = this.#families.families()
    const lastAtUnixMs = this.#lastAtUnixMs
    // The last second may have ended early; two values of one moment would contradict each other.
    const endedAtUnixMs = Math.min(startAtUnixMs + afterMs, this.#clock.nowUnixMs())
    const atUnixMs = Math.max(Math.round(endedAtUnixMs), lastAtUnixMs + 1)
    const moment = { startAtUnixMs, atUnixMs, lastAtUnixMs, isLast }
    for (const output of this.#outputs) output.send(families, moment)
    this.#lastAtUnixMs = atUnixMs
  }
}

function metricsOutput(target: OutputTarget, place: OutputPlace): MetricsOutput[] {
  if (target.kind === 'otlp') return [otlpOutput(target, place)]
  return target.kind === 'prometheus' ? [prometheusOutput(target, place)] : []
}

function lossOf(shown: string, { items, lost, why, rejected }: Delivered): string[] {
  return [
    ...(lost === 0 ? [] : [`--out ${shown}: ${lost} of ${items} batches did not arrive (${why})`]),
    ...rejectedWords(shown, rejected, 'data points'),
  ]
}
