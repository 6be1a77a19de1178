import type TypeScript from 'typescript'
import type { Syntax } from '../syntax.ts'
import type { WrittenRequest } from '../script-facts.ts'

/** The variable a request's answer is kept in: `const login = await user.http.post(...)`. */
export function answerVariable(
  { call }: WrittenRequest,
  { ts }: Syntax,
): TypeScript.Identifier | undefined {
  const value = ts.isAwaitExpression(call.parent) ? call.parent : call
  const { parent } = value
  if (!ts.isVariableDeclaration(parent) || parent.initializer !== value) return undefined
  return ts.isIdentifier(parent.name) ? parent.name : undefined
}

/** Whether `answer.ok`, `.status` or `.failure` is looked at anywhere in the same function. */
export function isLookedAt(answer: TypeScript.Identifier, syntax: Syntax): boolean {
  const { ts } = syntax
  for (const node of syntax.descendants(syntax.functionAround(answer))) {
    if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== answer.text) continue
    if (['ok', 'status', 'failure'].includes(node.name.text)) return true
  }
  return false
}

/** required: true, so that what follows does not run on a failed answer. */
export function isRequired({ options, isOpaque }: WrittenRequest, syntax: Syntax): boolean {
  const required = syntax.property(options, 'required')
  return isOpaque || (required !== undefined && required.kind !== syntax.ts.SyntaxKind.FalseKeyword)
}
