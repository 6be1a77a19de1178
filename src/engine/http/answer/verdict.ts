import { messageOf } from '../../../base/index.ts'
import type { Expect, SchemaResult, StandardSchema } from '../../../plan/index.ts'
import { ScriptError, UnreadableBody } from '../script-errors.ts'
import type { Series } from '../series.ts'
import type { HttpResponse } from './http-response.ts'

const longestReason = 120
const statusReasons: string[] = []

/** Why a status is a failure: 'status 503'; undefined when it is as expected. */
export function statusFailure(status: number, expect: Expect | undefined): string | undefined {
  const expected = expect === undefined ? status < 400 : isExpected(status, expect)
  return expected ? undefined : (statusReasons[status] ??= `status ${status}`)
}

function isExpected(status: number, expect: Expect): boolean {
  if (typeof expect === 'number') return status === expect
  if (typeof expect === 'string') return Math.floor(status / 100) === Number(expect[0])
  for (const one of expect) if (isExpected(status, one)) return true
  return false
}

/** A check or schema threw; its own error is passed on once the exchange is counted. */
export class ThrownInCheck {
  readonly failure: string
  readonly error: unknown

  constructor(failure: string, error: unknown) {
    this.failure = failure
    this.error = error
  }
}

/** Why an exchange failed; undefined when it did not. */
export type Outcome = string | undefined | ThrownInCheck

/**
 * Runs the check functions of a request and counts each. Returns why the exchange failed. When it
 * has failed already, no function runs and every check counts as failed for that reason: an
 * answer that never came, or is an error page, passes no check.
 */
export function runChecks(
  check: unknown,
  failed: string | undefined,
  response: HttpResponse,
  series: Series,
): Outcome {
  if (check === undefined) return failed
  if (typeof check === 'function') return runCheck('', check, failed, response, series)
  let outcome: Outcome = failed
  for (const name in check as object) {
    const one = (check as Record<string, unknown>)[name]
    const its = runCheck(name, one, failed, response, series)
    if (its instanceof ThrownInCheck) return its
    outcome ??= its
  }
  return outcome
}

function runCheck(
  name: string,
  check: unknown,
  failed: string | undefined,
  response: HttpResponse,
  series: Series,
): Outcome {
  const label = name === '' ? 'check' : name
  if (failed !== undefined) {
    series.recordCheck(label, failed)
    return failed
  }
  try {
    const reason = reasonOf(name, (check as (response: HttpResponse) => unknown)(response))
    series.recordCheck(label, reason)
    return reason === undefined ? undefined : checkFailure(name, reason)
  } catch (error) {
    const unreadable = error instanceof UnreadableBody
    const reason = unreadable ? error.reason : `threw ${messageOf(error)}`
    series.recordCheck(label, short(reason))
    if (unreadable) return checkFailure(name, reason)
    const threw = short(`${name === '' ? 'check' : `check ${name}`} threw: ${messageOf(error)}`)
    return new ThrownInCheck(threw, error)
  }
}

function reasonOf(name: string, result: unknown): string | undefined {
  if (result === true) return undefined
  if (result === false || result === '') return 'failed'
  if (typeof result === 'string') return short(result)
  const what = result instanceof Promise ? 'a promise: it must not be async' : String(result)
  throw new ScriptError(
    `check${name === '' ? '' : ` '${name}'`} returned ${what}; ` +
      `it must return true, or the reason it failed`,
  )
}

function checkFailure(name: string, reason: string): string {
  return short(name === '' ? `check: ${reason}` : `check ${name}: ${reason}`)
}

/**
 * Holds the JSON body against a schema, counts the check 'schema', and makes the schema's output
 * what `json()` returns. A promise only when the schema itself is asynchronous.
 */
export function checkSchema(
  schema: StandardSchema,
  failed: string | undefined,
  response: HttpResponse,
  series: Series,
): Outcome | Promise<Outcome> {
  if (failed !== undefined) {
    series.recordCheck('schema', failed)
    return failed
  }
  const failing = (error: unknown) => schemaThrew(error, series)
  try {
    const result = schema['~standard'].validate(response.json())
    if (!(result instanceof Promise)) return schemaOutcome(result, response, series)
    return result.then(settled => schemaOutcome(settled, response, series)).catch(failing)
  } catch (error) {
    return failing(error)
  }
}

function schemaOutcome(
  result: SchemaResult<unknown>,
  response: HttpResponse,
  series: Series,
): string | undefined {
  const failure = schemaFailure(result)
  series.recordCheck('schema', failure)
  if (result.issues === undefined) response.parsedAs(result.value)
  return failure
}

function schemaThrew(error: unknown, series: Series): Outcome {
  const unreadable = error instanceof UnreadableBody
  const reason = short(unreadable ? `schema: ${error.reason}` : `schema threw: ${messageOf(error)}`)
  series.recordCheck('schema', reason)
  return unreadable ? reason : new ThrownInCheck(reason, error)
}

/**
 * Why a body does not follow its schema: the first issue with its place. Positions in lists are
 * left out, or every answer would have a reason of its own.
 */
function schemaFailure(result: SchemaResult<unknown>): string | undefined {
  const issue = result.issues?.[0]
  if (issue === undefined) return undefined
  const place = (issue.path ?? []).map(placeOf).join('.')
  return short(`schema: ${place === '' ? '' : `${place}: `}${issue.message}`)
}

function placeOf(segment: unknown): string {
  const isObject = typeof segment === 'object' && segment !== null && 'key' in segment
  const key = isObject ? segment.key : segment
  return typeof key === 'number' ? '[]' : String(key)
}

function short(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`
}
