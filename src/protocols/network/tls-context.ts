import { createSecureContext, type SecureContext } from 'node:tls'
import { messageOf, UsageError } from '../../base/index.ts'
import type { TlsSettings } from '../exchange.ts'

const contextsMax = 64
const bySettings = new WeakMap<TlsSettings, SecureContext>()
const byContent = new Map<string, SecureContext>()

/**
 * The keys and authorities of a TLS connection, made once per thread for equal settings: making one
 * reads every root certificate and costs milliseconds, far too much per user.
 * Throws a UsageError (TLS_MATERIAL) when a PEM text cannot be used.
 */
export function secureContextFor(settings: TlsSettings): SecureContext {
  const found = bySettings.get(settings)
  if (found !== undefined) return found
  const content = JSON.stringify([settings.ca, settings.cert, settings.key])
  const context = byContent.get(content) ?? newContext(settings)
  if (byContent.size >= contextsMax) byContent.clear()
  byContent.set(content, context)
  bySettings.set(settings, context)
  return context
}

function newContext({ ca, cert, key }: TlsSettings): SecureContext {
  requirePem('tls.ca', ca, 'CERTIFICATE')
  requirePem('tls.cert', cert, 'CERTIFICATE')
  requirePem('tls.key', key, 'PRIVATE KEY')
  if ((cert === undefined) !== (key === undefined)) {
    const seen = cert === undefined ? 'key is set, cert is not' : 'cert is set, key is not'
    throw new UsageError('TLS_MATERIAL', `tls: ${seen}; a client certificate needs both`)
  }
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
  } catch (error) {
    throw new UsageError(
      'TLS_MATERIAL',
      `tls: the certificate, key or authority cannot be used (${messageOf(error)}); ` +
        'give PEM texts that belong together',
      { cause: error },
    )
  }
}

/** OpenSSL skips what is not PEM without a word, and the target would be blamed. */
function requirePem(name: string, text: string | undefined, kind: string): void {
  if (text === undefined || new RegExp(`-----BEGIN [A-Z0-9 ]*${kind}-----`).test(text)) return
  throw new UsageError(
    'TLS_MATERIAL',
    `${name} holds no "-----BEGIN ... ${kind}-----" block; give a PEM file`,
  )
}
