import { STATUS_CODES } from 'node:http'

/**
 * An answer that is not the one asked for, as a problem document (RFC 9457). Thrown by handlers;
 * the server writes it as application/problem+json.
 */
export class Problem extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  /** `detail` is read by the caller: say what was seen and what to do, never an internal secret. */
  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.headers = headers
  }
}

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
}

/** The body of a problem answer. `instance` is the path that was asked for, without its query. */
export function problemDocument(problem: Problem, instance: string): ProblemDocument {
  const title = STATUS_CODES[problem.status] ?? 'Error'
  return { type: 'about:blank', title, status: problem.status, detail: problem.message, instance }
}

/**
 * Any thrown value as a Problem. What is not a Problem already is our own bug: 500, and the text
 * stays in the log.
 */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(500, 'the service failed; its log says why')
}
