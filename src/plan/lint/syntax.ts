import type TypeScript from 'typescript'

/** The compiler's parser, loaded on first use: it is large, and only `check` needs it. */
export type Compiler = typeof TypeScript
type Node = TypeScript.Node

/** Questions about a script's syntax tree that several rules ask. */
export interface Syntax {
  readonly ts: Compiler
  /** The node and everything below it, in order. */
  readonly descendants: (node: Node) => Generator<Node>
  /** The same, without the insides of functions below it. */
  readonly descendantsHere: (node: Node) => Generator<Node>
  /** Text of a string literal, or of a constant of the same file that is one. */
  readonly textOf: (node: Node | undefined) => string | undefined
  /** What a constant of the same file was set to; anything else is returned as it is. */
  readonly resolved: (node: Node) => Node
  /** Value of a property of an object literal; a method or shorthand gives its own node. */
  readonly property: (object: Node | undefined, name: string) => Node | undefined
  /** Name of a property, method or quoted key. */
  readonly nameOf: (property: Node) => string | undefined
  /** The nearest function around a node; the file when there is none. */
  readonly functionAround: (node: Node) => Node
  /** Whether a node lies inside a method or function property of this name. */
  readonly isInside: (node: Node, name: string) => boolean
}

export function syntaxOf(ts: Compiler): Syntax {
  const nameOf = (node: Node): string | undefined => {
    const name = 'name' in node ? (node.name as Node | undefined) : undefined
    if (name === undefined) return undefined
    return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined
  }
  const resolved = (node: Node): Node => {
    const bare = withoutTypes(ts, node)
    if (!ts.isIdentifier(bare)) return bare
    return constantNamed(ts, bare.getSourceFile(), bare.text) ?? bare
  }
  return {
    ts,
    nameOf,
    resolved,
    descendants: node => walk(ts, node, () => true),
    descendantsHere: node => walk(ts, node, below => !ts.isFunctionLike(below)),
    textOf: node => {
      const value = node === undefined ? undefined : resolved(node)
      return value !== undefined && ts.isStringLiteralLike(value) ? value.text : undefined
    },
    property: (object, name) => {
      if (object === undefined || !ts.isObjectLiteralExpression(object)) return undefined
      const found = object.properties.find(one => nameOf(one) === name)
      return found !== undefined && ts.isPropertyAssignment(found) ? found.initializer : found
    },
    functionAround: node => ts.findAncestor(node.parent, ts.isFunctionLike) ?? node.getSourceFile(),
    isInside: (node, name) =>
      ts.findAncestor(
        node,
        around =>
          (ts.isMethodDeclaration(around) || ts.isPropertyAssignment(around)) &&
          nameOf(around) === name,
      ) !== undefined,
  }
}

/** `x as const`, `x!`, `(x)` and `x satisfies Y` are x. */
function withoutTypes(ts: Compiler, node: Node): Node {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return withoutTypes(ts, node.expression)
  }
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) {
    return withoutTypes(ts, node.expression)
  }
  return node
}

function constantNamed(ts: Compiler, file: TypeScript.SourceFile, name: string): Node | undefined {
  for (const node of walk(ts, file, () => true)) {
    if (!ts.isVariableDeclaration(node) || node.initializer === undefined) continue
    const isConstant = (ts.getCombinedNodeFlags(node) & ts.NodeFlags.Const) !== 0
    if (isConstant && ts.isIdentifier(node.name) && node.name.text === name) {
      return withoutTypes(ts, node.initializer)
    }
  }
  return undefined
}

function* walk(ts: Compiler, node: Node, enter: (below: Node) => boolean): Generator<Node> {
  yield node
  const children: Node[] = []
  ts.forEachChild(node, child => {
    children.push(child)
  })
  for (const child of children) if (enter(child)) yield* walk(ts, child, enter)
}
