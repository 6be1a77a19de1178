import type TypeScript from 'typescript'
import type { Remark } from '../finding.ts'
import { shownRequest, type ScriptFacts, type WrittenRequest } from '../script-facts.ts'
import type { Syntax } from '../syntax.ts'
import { answerVariable, isLookedAt, isRequired } from './answer-variable.ts'

type Node = TypeScript.Node

/**
 * What came out of an answer goes into a later request, but nothing stops when that answer failed:
 * the later step runs on nothing, and counts as a second failure or, worse, as a success.
 */
export function dependentSteps(facts: ScriptFacts): Remark[] {
  const { requests, syntax } = facts
  return requests
    .filter(request => !isRequired(request, syntax))
    .flatMap(request => {
      const names = namesFrom(request, syntax)
      const use = names === undefined ? undefined : firstUse(request, names, facts)
      if (use === undefined) return []
      const remark: Remark = {
        severity: 'warning',
        message:
          `this uses the answer of ${shownRequest(request)} (line ${lineOf(request.call)}) even ` +
          `when that failed; add required: true there, or test its ok first`,
        node: use,
      }
      return [remark]
    })
}

const lineOf = (node: Node) =>
  node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1

/** Variables that hold something of the answer; undefined when its outcome is looked at. */
function namesFrom(request: WrittenRequest, syntax: Syntax): Set<string> | undefined {
  const answer = answerVariable(request, syntax)
  if (answer !== undefined && isLookedAt(answer, syntax)) return undefined
  const declaration = syntax.ts.findAncestor(
    request.call,
    node => syntax.ts.isVariableDeclaration(node) || syntax.ts.isFunctionLike(node),
  )
  if (declaration === undefined || !syntax.ts.isVariableDeclaration(declaration)) return undefined
  const names = new Set(declaredNames(declaration.name, syntax))
  // Declarations stand in the order they run, so one pass follows the chain.
  for (const node of syntax.descendants(syntax.functionAround(request.call))) {
    if (!syntax.ts.isVariableDeclaration(node) || node.initializer === undefined) continue
    if (node === declaration || containsRequest(node.initializer, syntax)) continue
    if (!mentions(node.initializer, names, syntax)) continue
    for (const name of declaredNames(node.name, syntax)) names.add(name)
  }
  return names
}

function declaredNames(name: TypeScript.BindingName, syntax: Syntax): string[] {
  if (syntax.ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap(element =>
    syntax.ts.isBindingElement(element) ? declaredNames(element.name, syntax) : [],
  )
}

/** The first later request or session header that one of the names goes into. */
function firstUse(
  request: WrittenRequest,
  names: ReadonlySet<string>,
  { requests, calls, syntax }: ScriptFacts,
): Node | undefined {
  const around = syntax.functionAround(request.call)
  const headerCalls = calls.filter(one => one.name === 'set' && /\bheaders$/.test(one.receiver))
  return [...requests, ...headerCalls]
    .map(({ call }) => call)
    .filter(call => call.getSourceFile() === around.getSourceFile())
    .filter(call => call.getStart() > request.call.getEnd() && call.getEnd() <= around.getEnd())
    .sort((a, b) => a.getStart() - b.getStart())
    .find(call => call.arguments.some(argument => mentions(argument, names, syntax)))
}

function mentions(node: Node, names: ReadonlySet<string>, syntax: Syntax): boolean {
  for (const one of syntax.descendants(node)) {
    if (!syntax.ts.isIdentifier(one) || !names.has(one.text)) continue
    const { parent } = one
    // `x.id` and `{ id: 5 }` do not mention a variable `id`.
    if (syntax.ts.isPropertyAccessExpression(parent) && parent.name === one) continue
    if (syntax.ts.isPropertyAssignment(parent) && parent.name === one) continue
    return true
  }
  return false
}

function containsRequest(node: Node, { ts, descendants }: Syntax): boolean {
  for (const one of descendants(node)) {
    if (ts.isCallExpression(one) && /\bhttp\.\w+$/.test(one.expression.getText())) return true
  }
  return false
}
