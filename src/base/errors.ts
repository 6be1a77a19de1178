import { exitCodes, type ExitCode } from './exit-codes.ts'

/**
 * A mistake of the person who runs Loadstone. The message says what was seen, where, and what to
 * do; it is printed alone, without a stack trace. `code` is stable and documented in
 * docs/errors.md.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code: string
  readonly exitCode: ExitCode

  constructor(
    code: string,
    message: string,
    options: { exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.exitCode = options.exitCode ?? exitCodes.usage
  }
}

/** A bug of ours. It ends the run visibly, as 'crashed'. */
export class InternalError extends Error {
  override readonly name = 'InternalError'
}

/** Ends the run as 'crashed' when something that cannot happen has happened. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message)
}

/** The text of anything that was thrown; scripts may throw strings or undefined. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
