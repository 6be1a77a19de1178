import { formatDurationUs, nearest } from '../../base/index.ts'
import type { Threshold, ThresholdResult } from '../threshold.ts'
import type { WindowData } from '../window.ts'
import { ThresholdFigures } from './threshold-figures.ts'

/** A rate over a shorter time than this says nothing yet. */
const secondsBeforeAbort = 5
/** An average of fewer samples does not end a run. */
const samplesBeforeAbort = 20
/** This many samples must lie beyond a percentile, or be allowed to fail, before it ends a run. */
const samplesInTail = 2
const namesShown = 8

/** One measured second of the run. */
export interface JudgedSecond {
  readonly index: number
  /** The windows of all workers. */
  readonly windows: readonly WindowData[]
  /** The load has ended by plan; what still runs is no rate to be judged. */
  readonly runningOut: boolean
}

/** What the end of the run knows and a window does not. */
export interface RunEnd {
  /** Measured time, warm-up left out, s. */
  readonly measuredSeconds: number
  /** Names of all series, checks and scenarios that were seen. */
  readonly seenNames: readonly string[]
}

/**
 * Judges one threshold, fed with the measured seconds of a run in order. Three ways:
 *
 * - plain: once, over the whole measured run.
 * - `for 30s`: broken as soon as every second of a stretch that long is over the limit. A second
 *   without a sample neither breaks nor mends (for rps it is a rate of 0). A run shorter than the
 *   stretch is judged as if there were no `for`: a limit that cannot break would pass on nothing.
 * - `abort` without `for`: every second, over the run so far, once enough was seen that one sample
 *   alone cannot decide (two beyond a percentile, 20 for an average, 5 s for a rate; max and drops
 *   at once). Once broken it stays broken.
 */
export class ThresholdWatch {
  readonly #threshold: Threshold
  readonly #whole: ThresholdFigures
  readonly #second: ThresholdFigures
  #stretchFromIndex: number | undefined
  #broken: { atUs: number; measured: number } | undefined
  #seconds = 0

  constructor(threshold: Threshold) {
    this.#threshold = threshold
    this.#whole = new ThresholdFigures(threshold)
    this.#second = new ThresholdFigures(threshold)
  }

  get aborts(): boolean {
    return this.#threshold.abort
  }

  /** Adds one second; true when this second broke it. */
  addSecond({ index, windows, runningOut }: JudgedSecond): boolean {
    this.#seconds += 1
    for (const window of windows) this.#whole.add(window)
    if (this.#broken !== undefined) return false
    if (runningOut && this.#threshold.metric.kind === 'rps') return false
    if (this.#threshold.forUs !== undefined) this.#judgeStretch(index, windows)
    else if (this.#threshold.abort) this.#judgeSoFar(index)
    return this.#broken !== undefined
  }

  /** Adds a window that came after its second was judged: it counts at the end. */
  addLate(window: WindowData): void {
    this.#whole.add(window)
  }

  result(end: RunEnd): ThresholdResult {
    const threshold = this.#threshold
    const measured = this.#whole.value(end.measuredSeconds)
    const base = { threshold, brokenAtUs: this.#broken?.atUs }
    if (this.#broken !== undefined) {
      return { ...base, ok: false, measured: this.#broken.measured, note: this.#brokenNote() }
    }
    if (measured === undefined) {
      return { ...base, ok: false, measured, note: noSampleNote(threshold, end.seenNames) }
    }
    const { forUs } = threshold
    if (forUs === undefined) {
      return { ...base, ok: this.#holds(measured), measured, note: undefined }
    }
    const tooShort = end.measuredSeconds * 1_000_000 < forUs
    const note = tooShort
      ? `judged over the whole run, which was shorter than ${span(forUs)}`
      : `no stretch of ${span(forUs)} was over the limit; measured over the whole run`
    return { ...base, ok: !tooShort || this.#holds(measured), measured, note }
  }

  #judgeStretch(index: number, windows: readonly WindowData[]): void {
    this.#second.clear()
    for (const window of windows) this.#second.add(window)
    const silence = this.#threshold.metric.kind === 'rps' ? 0 : undefined
    const value = this.#second.value(1) ?? silence
    if (value === undefined) return
    if (this.#holds(value)) {
      this.#stretchFromIndex = undefined
      return
    }
    this.#stretchFromIndex ??= index
    const stretchUs = (index + 1 - this.#stretchFromIndex) * 1_000_000
    if (stretchUs >= this.#threshold.forUs!) this.#break(index, value)
  }

  #judgeSoFar(index: number): void {
    const value = this.#whole.value(this.#seconds)
    if (value === undefined || this.#holds(value) || !this.#enoughToAbort()) return
    this.#break(index, value)
  }

  #enoughToAbort(): boolean {
    const { metric, limit } = this.#threshold
    // The slack is for ratios such as 1 - 0.9, which is a hair below 0.1.
    const beyond = (tailRatio: number) =>
      tailRatio <= 0 || this.#whole.sampleCount * tailRatio >= samplesInTail - 1e-9
    switch (metric.kind) {
      case 'rps':
        return this.#seconds >= secondsBeforeAbort
      case 'percentile':
        return beyond(1 - metric.percent / 100)
      case 'errors':
        return beyond(limit)
      case 'checks':
        return beyond(1 - limit)
      case 'avg':
        return this.#whole.sampleCount >= samplesBeforeAbort
      case 'min':
      case 'max':
      case 'drops':
        return true
    }
  }

  #break(index: number, measured: number): void {
    this.#broken = { atUs: (index + 1) * 1_000_000, measured }
  }

  #brokenNote(): string {
    const at = span(this.#broken!.atUs)
    const { forUs } = this.#threshold
    if (forUs === undefined) return `broken at ${at}, judged over the run so far`
    return `over the limit for ${span(forUs)}, until ${at}; measured in the last second`
  }

  #holds(value: number): boolean {
    const { operator, limit } = this.#threshold
    switch (operator) {
      case '<':
        return value < limit
      case '<=':
        return value <= limit
      case '>':
        return value > limit
      case '>=':
        return value >= limit
    }
  }
}

/** '5 s', not '5.00 s'. */
function span(us: number): string {
  return formatDurationUs(us).replace(/\.0+ /, ' ')
}

function noSampleNote({ pattern, metric }: Threshold, seenNames: readonly string[]): string {
  const what = metric.kind === 'checks' ? 'no check was made' : 'no sample was measured'
  if (pattern === undefined || seenNames.length === 0) return `${what}; that fails a threshold`
  const names = [...new Set(seenNames)]
  const shown = names.slice(0, namesShown).map(name => `"${name}"`)
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : ''
  const near = nearest(pattern, names)
  const guess = near === undefined || pattern.includes('*') ? '.' : `; did you mean "${near}"?`
  return `${what} under "${pattern}"${guess} Seen: ${shown.join(', ')}${more}`
}
