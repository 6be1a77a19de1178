/**
 * What a request header may be (RFC 9110 5.1, 5.5), whoever sets it: the plan, a session or one
 * request. Each function says what is wrong in words, or undefined when nothing is.
 */
const notInName = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/
const notInValue = /[^\t\x20-\x7e\x80-\xff]/
const perRequest = ['content-length', 'traceparent']

/** The name of a header of one request. */
export function headerNameFault(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '' || notInName.test(name)) {
    return `${JSON.stringify(name)} is not a header name`
  }
  if (name.toLowerCase() !== 'transfer-encoding') return undefined
  return `the header ${name} is set by Loadstone: leave it out`
}

/** The name of a header that goes with every request of a session or scenario. */
export function sessionHeaderFault(name: unknown): string | undefined {
  const fault = headerNameFault(name)
  if (fault !== undefined) return fault
  const lower = String(name).toLowerCase()
  if (!perRequest.includes(lower)) return undefined
  return `${lower} differs from request to request: it cannot be a session header`
}

/** A line break in a value would be a second header. */
export function headerValueFault(name: string, value: string): string | undefined {
  if (!notInValue.test(value)) return undefined
  return (
    `header ${name}: ${JSON.stringify(value.slice(0, 80))} has a character that a header cannot ` +
    `carry (a line break, a control character, or one beyond Latin-1)`
  )
}
