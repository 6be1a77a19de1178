import { parseUrl, type Answer, type Origin } from '../../../protocols/index.ts'

export interface Redirect {
  readonly method: string
  readonly origin: Origin
  readonly target: string
  /** The next request has no body: it became a GET. */
  readonly dropsBody: boolean
}

const unusableLocation = 'redirect to an unusable location'
export const tooManyRedirects = 'too many redirects'
export const bodyNeededAgain = 'redirect needs the body again'

/**
 * Where an answer sends its client: undefined when it does not, a failure when it says nonsense.
 * `own` is the scenario's target: a Unix socket is only reachable through it. Methods change as in
 * the Fetch standard (HTTP-redirect fetch, step 12), with RFC 9110's leave to turn every method but
 * GET and HEAD of a 301 and 302 into GET.
 */
export function redirectOf(
  answer: Answer,
  from: { readonly method: string; readonly origin: Origin; readonly target: string },
  own: Origin,
): Redirect | typeof unusableLocation | undefined {
  const { status } = answer
  const becomesGet = status === 301 || status === 302 || status === 303
  if (!becomesGet && status !== 307 && status !== 308) return undefined
  const location = answer.header('location')
  if (location === undefined) return undefined
  const base = from.origin.key + from.target
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return unusableLocation
  const { origin, path: target } = parseUrl(url.href)
  const dropsBody = becomesGet && from.method !== 'GET' && from.method !== 'HEAD'
  return {
    method: dropsBody ? 'GET' : from.method,
    origin: origin.key === own.key ? own : origin,
    target,
    dropsBody,
  }
}
