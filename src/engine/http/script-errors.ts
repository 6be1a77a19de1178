/** A mistake in the script itself: the iteration fails and the report shows the script's place. */
export class ScriptError extends Error {
  override readonly name: string = 'ScriptError'
}

/**
 * The body is not what the script takes it for (not JSON, not decodable). A script error when the
 * script itself reads the body; inside a check or a schema it is the answer's fault: a failure.
 */
export class UnreadableBody extends ScriptError {
  /** Without anything of the body: fit to be counted. */
  readonly reason: string

  constructor(message: string, reason: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}

/**
 * Thrown through the script by a `required` exchange that failed. Ends the iteration; no script
 * error.
 */
export class RequiredExchangeFailed extends Error {
  override readonly name = 'RequiredExchangeFailed'
}

/**
 * Thrown through the script when the run's end cut the exchange off. The iteration counts as
 * interrupted; neither the target nor the script is to blame, and nothing was recorded.
 */
export class ExchangeAborted extends Error {
  override readonly name = 'ExchangeAborted'
}
