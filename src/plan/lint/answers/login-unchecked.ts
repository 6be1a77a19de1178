import type { Remark } from '../finding.ts'
import { isLogin, shownRequest, type ScriptFacts } from '../script-facts.ts'
import { answerVariable, isLookedAt, isRequired } from './answer-variable.ts'

/** A login that fails unseen turns the rest of the run into a test of the 401 page. */
export function loginUnchecked({ requests, syntax }: ScriptFacts): Remark[] {
  return requests
    .filter(isLogin)
    .filter(request => !isRequired(request, syntax))
    .filter(({ options }) =>
      ['expect', 'check', 'schema'].every(key => syntax.property(options, key) === undefined),
    )
    .filter(request => {
      const answer = answerVariable(request, syntax)
      return answer === undefined || !isLookedAt(answer, syntax)
    })
    .map(request => ({
      severity: 'warning',
      message:
        `nothing checks that ${shownRequest(request)} succeeds; ` +
        `add expect: 200 and required: true`,
      node: request.call,
    }))
}
