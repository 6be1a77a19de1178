import type { Sample, SeriesKind } from './sample.ts'
import type { GeneratorWindow, WindowData } from './window.ts'

export interface RecorderOptions {
  readonly worker: number
  /** Called with every closed window, in order, without holes. */
  readonly onWindow: (window: WindowData) => void
  /** Asked once for every window that closes: the generator's own figures since the last call. */
  readonly generator: () => GeneratorWindow
  /** @default 500 names a scenario and kind; the rest is folded into '(other)' */
  readonly maxNames?: number
}

/** Folds samples into the current one-second window. One per worker; not shared between threads. */
export class Recorder {
  constructor(_options: RecorderOptions) {}

  /** Id of a series, made on first use. Ask once and keep it: the hot path passes ids. */
  series(_kind: SeriesKind, _scenario: string, _name: string): number {
    throw new Error('not built')
  }

  /** Records one sample in the window of its `endedAtUs`; closes earlier windows first. */
  record(_sample: Sample): void {
    throw new Error('not built')
  }

  /** Id of a check on a request series, made on first use. */
  check(_scenario: string, _name: string, _check: string): number {
    throw new Error('not built')
  }
  /** `reason` undefined: passed. */
  recordCheck(_checkId: number, _reason: string | undefined): void {
    throw new Error('not built')
  }

  /** Iteration events of a scenario, by the id from `scenario()`. */
  scenario(_name: string): number {
    throw new Error('not built')
  }
  iterationStarted(_scenarioId: number, _startDelayUs: number): void {
    throw new Error('not built')
  }
  iterationEnded(_scenarioId: number, _end: 'completed' | 'failed' | 'interrupted'): void {
    throw new Error('not built')
  }
  dropped(_scenarioId: number, _reason: string, _count: number): void {
    throw new Error('not built')
  }
  /** Number of virtual users of the scenario that run now. */
  setUsers(_scenarioId: number, _users: number): void {
    throw new Error('not built')
  }

  /** Closes every window that ended at or before `nowUs`. Call at least once a second. */
  closeUpTo(_nowUs: number): void {
    throw new Error('not built')
  }
  /** Closes the current, possibly partial window too: nothing measured stays behind. */
  finish(_nowUs: number): void {
    throw new Error('not built')
  }
}
