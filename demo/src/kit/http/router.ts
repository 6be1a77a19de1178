import { Problem } from './problem.ts'

export interface Route<Handler> {
  readonly method: string
  /** '/orders/:id': a segment that starts with a colon is a parameter. */
  readonly path: string
  readonly handle: Handler
}

export interface RouteMatch<Handler> {
  readonly route: Route<Handler>
  readonly params: Readonly<Record<string, string>>
}

interface Compiled<Handler> {
  readonly route: Route<Handler>
  readonly segments: readonly string[]
}

/** Finds the route of a request: fixed paths first, then parameters in the order of the table. */
export class Router<Handler> {
  readonly #fixed = new Map<string, RouteMatch<Handler>>()
  readonly #bySegmentCount = new Map<number, Compiled<Handler>[]>()

  constructor(routes: readonly Route<Handler>[]) {
    for (const route of routes) {
      const key = `${route.method} ${route.path}`
      if (this.#fixed.has(key)) throw new Error(`route ${key} is listed twice`)
      if (!route.path.includes('/:')) this.#fixed.set(key, { route, params: {} })
      const segments = route.path.split('/')
      const sameLength = this.#bySegmentCount.get(segments.length) ?? []
      this.#bySegmentCount.set(segments.length, [...sameLength, { route, segments }])
    }
  }

  /**
   * Throws 404 for an unknown path, 405 (with `allow`) for a known path with another method, and
   * 400 for a parameter that is not valid percent encoding. HEAD is served by GET's route.
   */
  find(method: string, path: string): RouteMatch<Handler> {
    const wanted = method === 'HEAD' ? 'GET' : method
    const fixed = this.#fixed.get(`${wanted} ${path}`)
    if (fixed) return fixed
    const asked = path.split('/')
    const found = (this.#bySegmentCount.get(asked.length) ?? []).filter(one =>
      matches(one.segments, asked),
    )
    const hit = found.find(one => one.route.method === wanted)
    if (hit) return { route: hit.route, params: paramsOf(hit.segments, asked) }
    if (found.length === 0) throw new Problem(404, `there is no ${path} here`)
    const allow = allowOf(found.map(one => one.route.method))
    throw new Problem(405, `${path} takes ${allow}, not ${method}`, { allow })
  }
}

/** The value of an `allow` header: each method once, and HEAD wherever there is GET. */
export function allowOf(methods: readonly string[]): string {
  const all = methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return [...new Set(all)].join(', ')
}

function matches(pattern: readonly string[], asked: readonly string[]): boolean {
  return pattern.every((segment, index) =>
    segment.startsWith(':') ? asked[index] !== '' : segment === asked[index],
  )
}

function paramsOf(pattern: readonly string[], asked: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  pattern.forEach((segment, index) => {
    if (segment.startsWith(':')) params[segment.slice(1)] = decode(asked[index] ?? '')
  })
  return params
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    if (cause instanceof URIError) throw new Problem(400, `"${text}" is not percent-encoded`)
    throw cause
  }
}
