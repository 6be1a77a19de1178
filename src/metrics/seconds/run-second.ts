import type { KeptSample } from '../sample.ts'
import type { CheckWindow, GeneratorWindow, ScenarioWindow, SeriesWindow } from '../window.ts'

/**
 * What all workers measured in one second, or in several that were merged: what is stored, sent to
 * the dashboard and put into the HTML report. Histograms are in their encoded form.
 */
export interface RunSecond {
  /** First second that is covered: n covers [n s, n + seconds) since run start. */
  readonly index: number
  /** How many seconds are covered, 1 or more. */
  readonly seconds: number
  /** One a kind, scenario, name and outcome. */
  readonly series: readonly SeriesWindow[]
  readonly checks: readonly CheckWindow[]
  /** `users` is the number at the end of the last second. */
  readonly scenarios: readonly ScenarioWindow[]
  /** One a worker, in the order of their numbers. */
  readonly generators: readonly WorkerSecond[]
  readonly kept: readonly KeptSample[]
  readonly keptDropped: number
  readonly foldedNames: readonly string[]
}

/** How busy one worker was; over several seconds: the means, and the most memory. */
export interface WorkerSecond extends GeneratorWindow {
  readonly worker: number
  /** Windows this worker delivered. */
  readonly windows: number
}
