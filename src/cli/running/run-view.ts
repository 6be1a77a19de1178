import type { LogLevel } from '../../base/index.ts'
import type { MergedSecond } from '../../metrics/index.ts'
import type { Output } from '../terminal/output.ts'

/** What a person sees of a run while it lasts. Variants: a live table, plain lines, nothing. */
export interface RunView {
  /** Keys mean something while it is shown. */
  readonly wantsKeys: boolean
  phase(text: string): void
  second(second: MergedSecond): void
  log(level: LogLevel, message: string): void
  paused(paused: boolean): void
  /** Ends it; what was shown stays on the screen. */
  close(): void
}

/** Nothing but warnings and errors. */
export function quietView(output: Output): RunView {
  return {
    wantsKeys: false,
    phase: () => {},
    second: () => {},
    paused: () => {},
    log: (level, message) => {
      if (level === 'error' || level === 'warn') output.note(`${level}: ${message}`)
    },
    close: () => {},
  }
}
