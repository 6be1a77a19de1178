import type { Origin } from '../../../protocols/index.ts'
import { ScriptError } from '../script-errors.ts'
import type { Series } from '../series.ts'
import { emptyEnd } from './head.ts'
import type { HeadLines } from './head-lines.ts'
import { encodeLiteral, encodePairs, encodeValue } from './url-encoding.ts'

/** The text of a template, taken apart. */
export interface TemplateParts {
  /** 'http://host:8080' of an absolute URL; undefined for a path on the scenario's target. */
  readonly origin: string | undefined
  /** Pieces of the path around its params: always one more than there are names. */
  readonly literals: readonly string[]
  readonly paramNames: readonly string[]
  /** Query text of the template itself, '' when none. */
  readonly query: string
  /** What the report calls it: without query and fragment. */
  readonly name: string
}

// Where the name of a param ends; the same characters as PathParams in plan/script/exchange.ts.
const param = /\/:([^/?#.\-&:]+)/g

/** Takes a template apart. One that is neither a path nor an http URL is a ScriptError. */
export function templateParts(text: unknown): TemplateParts {
  if (typeof text !== 'string') throw new ScriptError('the template of a request must be a text')
  const bare = text.split('#', 1)[0] ?? ''
  const queryAt = bare.indexOf('?')
  const name = queryAt < 0 ? bare : bare.slice(0, queryAt)
  const origin = /^https?:\/\/[^/]*/i.exec(name)?.[0]
  if (origin === undefined && !name.startsWith('/')) {
    throw new ScriptError(
      `${JSON.stringify(text)} is neither a path nor a URL: write '/path' for the scenario's ` +
        `target, or 'http://host/path'`,
    )
  }
  const path = name.slice(origin?.length ?? 0) || '/'
  const literals: string[] = []
  const paramNames: string[] = []
  let from = 0
  for (const match of path.matchAll(param)) {
    literals.push(encodeLiteral(path.slice(from, match.index + 1)))
    paramNames.push(match[1] ?? '')
    from = match.index + match[0].length
  }
  literals.push(encodeLiteral(path.slice(from)))
  const query = queryAt < 0 ? '' : encodeLiteral(bare.slice(queryAt + 1))
  return { origin, literals, paramNames, query, name }
}

export interface TemplateOptions {
  readonly method: string
  readonly parts: TemplateParts
  readonly origin: Origin
  /** True for the scenario's own target. */
  readonly own: boolean
  /** Put before every path: the target's base path, or ''. */
  readonly basePath: string
  /** Header lines sent when session and request add none. */
  readonly lines: HeadLines
  /** Called when the first exchange is counted under the template's own name. */
  readonly series: () => Series
}

/** A request's method and template, compiled once for all users of the scenario. */
export class Template {
  readonly method: string
  readonly origin: Origin
  readonly own: boolean
  readonly lines: HeadLines
  /** Method and template: what an exchange is called that no `name` renames. */
  readonly name: string
  /** The whole target when neither params nor query vary it; undefined when there are params. */
  readonly target: string | undefined
  readonly requestLine: string
  /** Request line, `lines` and the name of the trace header: a head but for its last bytes. */
  readonly plainHead: string
  /** What ends a head without body. */
  readonly emptyEnd: string
  readonly #makeSeries: () => Series
  readonly #literals: readonly string[]
  readonly #paramNames: readonly string[]
  readonly #query: string
  #series: Series | undefined

  constructor({ method, parts, origin, own, basePath, lines, series }: TemplateOptions) {
    this.method = method
    this.origin = origin
    this.own = own
    this.lines = lines
    this.name = `${method} ${parts.name}`
    this.#makeSeries = series
    const [first = '', ...others] = parts.literals
    this.#literals = [basePath + first, ...others]
    this.#paramNames = parts.paramNames
    this.#query = parts.query
    this.target = parts.paramNames.length === 0 ? this.fill(undefined, undefined) : undefined
    this.requestLine = requestLine(method, this.target ?? '')
    this.emptyEnd = emptyEnd(method)
    this.plainHead = `${this.requestLine}${lines}\r\ntraceparent: `
  }

  /** Made when it is first asked for: what `name` always renames takes no place among names. */
  get series(): Series {
    this.#series ??= this.#makeSeries()
    return this.#series
  }

  /** Path and query with these values; a param without a value is a ScriptError. */
  fill(params: Values | undefined, query: Values | undefined): string {
    let target = this.#literals[0] ?? ''
    for (let i = 0; i < this.#paramNames.length; i++) {
      target += this.#param(this.#paramNames[i]!, params) + this.#literals[i + 1]!
    }
    if (query === undefined && this.#query === '') return target
    const added = query === undefined ? '' : encodePairs(query, `${this.name}: query`)
    const both =
      this.#query === '' || added === '' ? this.#query + added : this.#query + '&' + added
    return both === '' ? target : `${target}?${both}`
  }

  #param(name: string, params: Values | undefined): string {
    const value = params?.[name]
    if (value === undefined) {
      throw new ScriptError(`${this.name}: params.${name} is missing`)
    }
    return encodeValue(value, `${this.name}: params.${name}`)
  }
}

type Values = Readonly<Record<string, unknown>>

export function requestLine(method: string, target: string): string {
  return `${method} ${target} HTTP/1.1`
}
