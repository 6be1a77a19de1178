/** What a request says of where it comes from. */
export interface RequestOrigin {
  readonly method: string
  readonly path: string
  readonly header: (name: string) => string | undefined
}

/**
 * Whether a request was made by a page of another site (or of another port of this machine, which a
 * browser calls the same site). Browsers say so themselves; what says nothing is no browser.
 *
 * A link to the dashboard from another page is followed: the page itself holds no data, and what it
 * asks for comes from itself.
 */
export function isCrossSite({ method, path, header }: RequestOrigin): boolean {
  const origin = header('origin')
  if (origin !== undefined && !isOwnOrigin(origin, header('host'))) return true
  const site = header('sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  const isLink = header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document'
  return !(isLink && method === 'GET' && !isData(path))
}

const isData = (path: string) => path.startsWith('/api/') || path === '/metrics'

/** Both are plain HTTP here; behind a proxy that adds TLS the name is still the same. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  return new URL(origin).host === host?.toLowerCase()
}
