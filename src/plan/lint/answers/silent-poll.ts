import type TypeScript from 'typescript'
import type { Remark } from '../finding.ts'
import type { ScriptFacts } from '../script-facts.ts'

const pauses = /\.think\(|\bset(?:Timeout|Interval)\b|\bsleep\(|\bdelay\(|\bwait\w*\(/

/**
 * A loop that asks, pauses and leaves when an answer suits. When it runs out of tries nothing is
 * counted, and how long the job took is nowhere to be seen.
 */
export function silentPoll({ files, requests, syntax }: ScriptFacts): Remark[] {
  const { ts } = syntax
  return files
    .flatMap(file => [...syntax.descendants(file)])
    .filter(node => ts.isIterationStatement(node, false))
    .filter(loop => requests.some(({ call }) => isIn(call, loop)))
    .filter(loop => pauses.test(loop.getText()) && leavesEarly(loop))
    .map(loop => ({
      severity: 'warning',
      message:
        `a poll by hand: giving up is not counted and the completion time is lost; ` +
        `use user.poll('job done', { every: '500ms', timeout: '30s' }, async () => ...)`,
      node: loop,
    }))

  function leavesEarly(loop: TypeScript.IterationStatement): boolean {
    if (ts.isWhileStatement(loop) || ts.isDoStatement(loop)) return true
    for (const node of syntax.descendantsHere(loop.statement)) {
      if (ts.isBreakStatement(node) || ts.isReturnStatement(node)) return true
    }
    return false
  }
}

const isIn = (inner: TypeScript.Node, outer: TypeScript.Node) =>
  inner.getSourceFile() === outer.getSourceFile() &&
  inner.getStart() >= outer.getStart() &&
  inner.getEnd() <= outer.getEnd()
