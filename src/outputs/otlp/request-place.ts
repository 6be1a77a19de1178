/** Origin of each scenario's target, 'http://127.0.0.1:8080'. */
export type Targets = ReadonlyMap<string, string>

export interface RequestPlace {
  readonly 'server.address'?: string
  readonly 'server.port'?: number
  readonly 'url.template'?: string
}

/**
 * Where the requests of a name go, by its own words: 'GET http://other:81/a' says it, 'GET /a' and
 * a name of the script's own belong to the scenario's target.
 */
export function requestPlace(scenario: string, name: string, targets: Targets): RequestPlace {
  const [, origin, path] = /^[A-Z][A-Z-]* (https?:\/\/[^/]*)?(\/.*)?$/.exec(name) ?? []
  const url = origin ?? targets.get(scenario)
  return {
    ...(url === undefined || !URL.canParse(url) ? {} : serverOf(new URL(url))),
    ...(path === undefined ? {} : { 'url.template': path }),
  }
}

function serverOf({ hostname, port, protocol }: URL) {
  const usual = protocol === 'https:' ? 443 : 80
  const address = hostname.replace(/^\[|\]$/g, '')
  return { 'server.address': address, 'server.port': port === '' ? usual : Number(port) }
}
