import type { Clock, ExitCode } from '../base/index.ts'
import type { Environment } from './options/read-flags.ts'
import type { Interruption } from './terminal/interruption.ts'
import type { Output } from './terminal/output.ts'

/** What a command may use of the process it runs in; main.ts makes it from the real one. */
export interface Surroundings {
  readonly output: Output
  readonly stdin: NodeJS.ReadStream
  readonly environment: Environment
  /** 0 µs is the start of the process. */
  readonly clock: Clock
  readonly interruption: Interruption
  /**
   * Names a script once it is loaded here: errors that its top level leaks into this process are
   * then told in its own words. Workers count them; here they must not look like a bug of ours.
   */
  scriptLoaded(describeError: (thrown: unknown) => string): void
}

/** Takes the exit code of a command when it is done. */
export type Finish = (code: ExitCode) => void
