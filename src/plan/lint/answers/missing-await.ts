import type { Remark } from '../finding.ts'
import type { ScriptFacts } from '../script-facts.ts'

const awaited = ['think', 'step', 'poll']

/** The iteration goes on, and may end, before the answer is there. */
export function missingAwait({ requests, calls, syntax }: ScriptFacts): Remark[] {
  const { ts } = syntax
  const ofUser = calls.filter(({ name, receiver }) => {
    return awaited.includes(name) && /^\w+$/.test(receiver)
  })
  return [...requests, ...ofUser]
    .filter(({ call }) => {
      const value = ts.isVoidExpression(call.parent) ? call.parent : call
      return ts.isExpressionStatement(value.parent)
    })
    .map(({ call }) => ({
      severity: 'warning',
      message:
        `nothing awaits this, so the iteration goes on without it and may end before it; ` +
        `write await in front, or Promise.all around several`,
      node: call,
    }))
}
