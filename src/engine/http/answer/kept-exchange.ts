import { hiddenSecret, isSecretName, withoutUrlSecrets } from '../../../base/index.ts'
import type { KeptExchange } from '../../../metrics/index.ts'
import type { Answer } from '../../../protocols/index.ts'

const headersMax = 50
const valueLengthMax = 300
const urlLengthMax = 1000

/** Headers that hold addresses, which may hold secrets. */
const addressHeaders: ReadonlySet<string> = new Set(['location', 'referer', 'content-location'])

export interface Exchanged {
  readonly method: string
  /** 'http://host:port' and what follows. */
  readonly url: string
  /** Request line and header lines as they went out. */
  readonly head: string
  readonly answer: Answer
}

/** What of an exchange may leave the worker: headers and address without secrets, cut to a size. */
export function keptExchange({ method, url, head, answer }: Exchanged): KeptExchange {
  const lines = head.split('\r\n').slice(1)
  const request = lines.filter(line => line !== '').map(nameAndValue)
  return {
    method,
    url: cut(withoutUrlSecrets(url), urlLengthMax),
    requestHeaders: openHeaders(request),
    responseHeaders: openHeaders(answer.headerEntries()),
  }
}

function nameAndValue(line: string): readonly [string, string] {
  const at = line.indexOf(':')
  return [line.slice(0, at), line.slice(at + 1).trim()]
}

function openHeaders(
  headers: readonly (readonly [name: string, value: string])[],
): KeptExchange['requestHeaders'] {
  return headers
    .slice(0, headersMax)
    .map(([name, value]) => [
      cut(name, valueLengthMax),
      cut(openValue(name, value), valueLengthMax),
    ])
}

function openValue(name: string, value: string): string {
  if (isSecretName(name)) return hiddenSecret
  return addressHeaders.has(name.toLowerCase()) ? withoutUrlSecrets(value) : value
}

const cut = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length)}…` : text
