import { signal } from '@preact/signals'

/** Where the reader is: '#/', '#/runs/ID', '#/compare/BASE/CANDIDATE'. */
export type Route =
  | { readonly view: 'list' }
  | { readonly view: 'run'; readonly id: string }
  | { readonly view: 'compare'; readonly base: string; readonly candidate: string }

export const route = signal<Route>({ view: 'list' })

export const runAddress = (id: string): string => `#/runs/${encodeURIComponent(id)}`
export const compareAddress = (base: string, candidate: string): string =>
  `#/compare/${encodeURIComponent(base)}/${encodeURIComponent(candidate)}`

/** Follows the address; returns how to stop. */
export function followAddress(): () => void {
  const read = () => {
    route.value = routeOf(location.hash)
  }
  read()
  addEventListener('hashchange', read)
  return () => removeEventListener('hashchange', read)
}

/** An address that means nothing is the list. */
function routeOf(hash: string): Route {
  const [view, first, second] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (view === 'runs' && first) return { view: 'run', id: first }
  if (view === 'compare' && first && second) {
    return { view: 'compare', base: first, candidate: second }
  }
  return { view: 'list' }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) return part
    throw error
  }
}
