import type TypeScript from 'typescript'
import { syntaxOf, type Compiler, type Syntax } from './syntax.ts'

type Node = TypeScript.Node

/** One call of `user.http.<method>(...)` as it stands in the source. */
export interface WrittenRequest {
  readonly call: TypeScript.CallExpression
  /** 'GET'; '' when it is computed. */
  readonly method: string
  /** The template's text, `${...}` parts as they stand; undefined when it is computed elsewhere. */
  readonly template: string | undefined
  readonly templateNode: Node | undefined
  /** The options when they stand there as an object; undefined when absent or computed. */
  readonly options: TypeScript.ObjectLiteralExpression | undefined
  /** Options are there, but not as an object: nothing can be said about them. */
  readonly isOpaque: boolean
}

/** A call of some method: `user.think('1s')` has the name 'think'. */
export interface MethodCall {
  readonly name: string
  readonly call: TypeScript.CallExpression
  /** What the method is called on, as text: 'user.http.headers'. */
  readonly receiver: string
}

/** What the rules look at: the user's own files, parsed once. */
export interface ScriptFacts {
  readonly syntax: Syntax
  readonly files: readonly TypeScript.SourceFile[]
  readonly requests: readonly WrittenRequest[]
  readonly calls: readonly MethodCall[]
  /** Origins of the plan's targets. */
  readonly origins: readonly string[]
}

export interface SourceText {
  readonly path: string
  readonly text: string
}

export function scriptFacts(
  ts: Compiler,
  sources: readonly SourceText[],
  origins: readonly string[],
): ScriptFacts {
  const syntax = syntaxOf(ts)
  const files = sources.map(({ path, text }) =>
    ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
  )
  const calls = files.flatMap(file => [...callsIn(file, syntax)])
  const requests = calls.flatMap(call => requestOf(call, syntax) ?? [])
  return { syntax, files, requests, calls, origins }
}

function* callsIn(file: TypeScript.SourceFile, { ts, descendants }: Syntax): Generator<MethodCall> {
  for (const node of descendants(file)) {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) continue
    const { name, expression } = node.expression
    yield { name: name.text, call: node, receiver: expression.getText() }
  }
}

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

function requestOf(
  { name, call, receiver }: MethodCall,
  syntax: Syntax,
): WrittenRequest | undefined {
  if (!/(?:^|\.)http$/.test(receiver)) return undefined
  const isNamed = methods.includes(name)
  if (!isNamed && name !== 'request') return undefined
  const [templateNode, options] = isNamed ? call.arguments : call.arguments.slice(1)
  const literal = options !== undefined && syntax.ts.isObjectLiteralExpression(options)
  return {
    call,
    method: isNamed ? name.toUpperCase() : (syntax.textOf(call.arguments[0]) ?? '').toUpperCase(),
    template: templateText(templateNode, syntax),
    templateNode,
    options: literal ? options : undefined,
    isOpaque: options !== undefined && !literal,
  }
}

function templateText(node: Node | undefined, { ts, textOf }: Syntax): string | undefined {
  if (node !== undefined && ts.isTemplateExpression(node)) return node.getText().slice(1, -1)
  return textOf(node)
}

/** '/login', '/sign-in/password', '/oauth/token', '/sessions'; not '/logout', not '/tokens/:id'. */
const loginPath =
  /\/(?:log-?in|sign-?in|authenticate)(?![\w-])|\/(?:auth|token|sessions?)\/?(?:\?.*)?$/i

/** Whether a request is a login: a POST to what is called so. */
export const isLogin = ({ method, template }: WrittenRequest): boolean =>
  method === 'POST' && template !== undefined && loginPath.test(template)

/** 'GET /api/x', for messages. */
export const shownRequest = ({ method, template }: WrittenRequest): string =>
  `${method} ${template ?? '...'}`
