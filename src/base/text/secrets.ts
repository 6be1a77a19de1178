import { percentDecoded } from './percent-decoded.ts'

/** Stands where a secret was. */
export const hiddenSecret = '***'

const secretName = new RegExp(
  [
    'authori[sz]ation|token|secret|passw|passphrase|pwd|cookie|session|credential|signature|jwt',
    '(api|access|private|account|subscription)[-_. ]?key',
    '(^|[-_. ])(auth|key|sig|sid|otp|pin)($|[-_. ])',
  ].join('|'),
  'i',
)

/** Names that look like a secret and hold none. */
const openNames: ReadonlySet<string> = new Set([
  ...['idempotency-key', 'surrogate-key', 'sec-websocket-key', 'session-count'],
  ...['www-authenticate', 'proxy-authenticate', 'access-control-allow-credentials'],
])

/** Whether a header, parameter or variable of this name holds something to keep to oneself. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !openNames.has(name.toLowerCase())
}

/**
 * A URL, whole or from its path on, without user name, password, fragment and the values of
 * parameters with a secret's name. What is no URL comes back as it is.
 */
export function withoutUrlSecrets(url: string): string {
  const [address = '', query] = url.replace(/#.*$/s, '').split(/\?(.*)/s)
  const open = address.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/@]*@/i, `$1${hiddenSecret}@`)
  if (query === undefined) return open
  const parameters = query.split('&').map(parameter => {
    const [name = '', value] = parameter.split(/=(.*)/s)
    return value !== undefined && isSecretName(percentDecoded(name))
      ? `${name}=${hiddenSecret}`
      : parameter
  })
  return `${open}?${parameters.join('&')}`
}
