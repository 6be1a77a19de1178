import { Problem } from '../http/problem.ts'

/** A call that got no answer. */
export class CallFailed extends Problem {
  /** 'timeout', 'overflow', or the code of what broke: 'ECONNREFUSED'. */
  readonly errorType: string

  constructor(status: 502 | 503 | 504, errorType: string, detail: string) {
    super(status, detail, errorType === 'overflow' ? { 'retry-after': '1' } : {})
    this.errorType = errorType
  }
}
