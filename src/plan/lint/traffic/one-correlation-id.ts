import type TypeScript from 'typescript'
import type { Remark } from '../finding.ts'
import type { ScriptFacts } from '../script-facts.ts'

const perRequestHeader = /^(?:x-)?(?:correlation|request|trace|transaction)-?id$|^idempotency-key$/i

/** An id made once per user marks thousands of requests alike, so no log line can be told apart. */
export function oneCorrelationId({ calls, files, syntax }: ScriptFacts): Remark[] {
  const { ts } = syntax
  const onStart = calls
    .filter(({ name, receiver }) => name === 'set' && /\bheaders$/.test(receiver))
    .filter(({ call }) => perRequestHeader.test(syntax.textOf(call.arguments[0]) ?? ''))
    .map(({ call }): TypeScript.Node => call)
    .filter(call => syntax.isInside(call, 'onStart'))
  const fixed = files
    .flatMap(file => [...syntax.descendants(file)])
    .filter(node => ts.isPropertyAssignment(node))
    .filter(node => perRequestHeader.test(syntax.nameOf(node) ?? ''))
    .filter(node => isScenarioHeader(node))
  return [...onStart, ...fixed].map(node => ({
    severity: 'info',
    message:
      `this id is made once and then sent with every request; set it per request: ` +
      `headers: { 'x-correlation-id': user.random.uuid() } (traceparent is sent anyway)`,
    node,
  }))

  /** In `headers: { ... }` of scenario(name, { ... }). */
  function isScenarioHeader(node: TypeScript.Node): boolean {
    const headers = node.parent.parent
    if (!ts.isPropertyAssignment(headers) || syntax.nameOf(headers) !== 'headers') return false
    const call = headers.parent.parent
    return ts.isCallExpression(call) && call.expression.getText() === 'scenario'
  }
}
