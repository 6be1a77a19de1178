import { percentDecoded, UsageError } from '../base/index.ts'

/** What `--out` can name, and the path that belongs to a URL without one. */
const kinds = {
  otlp: '/v1/metrics',
  'otlp-traces': '/v1/traces',
  prometheus: '/api/v1/write',
} as const

/** All kinds, for a help text. */
export const outputKinds = Object.keys(kinds).join(', ')

export type OutputKind = keyof typeof kinds

export interface OutputTarget {
  readonly kind: OutputKind
  /** Without user and password. */
  readonly url: string
  /** From the URL's user and password. */
  readonly authorization: string | undefined
  /** What may be shown of it: 'prometheus=http://host:9090/api/v1/write', never a secret. */
  readonly shown: string
}

/** Reads 'prometheus=http://127.0.0.1:9090'; anything else is a UsageError that names `where`. */
export function parseOutput(text: string, where: string): OutputTarget {
  const at = text.indexOf('=')
  const kind = at < 0 ? text : text.slice(0, at)
  if (!isKind(kind)) {
    throw new UsageError('OUT_KIND', `${where}: "${kind}" is none of ${outputKinds}`)
  }
  const example = `${where} ${kind}=http://127.0.0.1:${kind === 'prometheus' ? 9090 : 4318}`
  const written = at < 0 ? '' : text.slice(at + 1)
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      'OUT_URL',
      `${where}: ${kind} needs an http:// or https:// URL; write e.g. ${example}`,
    )
  }
  const { username, password } = url
  url.username = url.password = ''
  url.hash = ''
  if (url.pathname === '/') url.pathname = kinds[kind]
  return {
    ...{ kind, url: url.href, shown: `${kind}=${url.origin}${url.pathname}` },
    authorization: username === '' && password === '' ? undefined : basic(username, password),
  }
}

const isKind = (text: string): text is OutputKind => Object.hasOwn(kinds, text)

function basic(username: string, password: string): string {
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
