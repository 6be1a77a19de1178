/** Where a connection was when it broke: the same error code reads differently at each place. */
export type Stage = 'connecting' | 'tls' | 'open'

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'name not resolved',
  EAI_AGAIN: 'name not resolved',
  EAI_NODATA: 'name not resolved',
  EAI_FAIL: 'name not resolved',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection reset',
  EPIPE: 'connection reset',
  ERR_STREAM_DESTROYED: 'connection reset',
  ERR_STREAM_WRITE_AFTER_END: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'no free local port',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOENT: 'socket file not found',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
}

const byTlsCode: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'tls: certificate has expired',
  CERT_NOT_YET_VALID: 'tls: certificate is not valid yet',
  CERT_REVOKED: 'tls: certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls: self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls: self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls: certificate from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'tls: certificate from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls: certificate from an unknown authority',
  CERT_UNTRUSTED: 'tls: certificate from an unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls: certificate is for another host',
  HOSTNAME_MISMATCH: 'tls: certificate is for another host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls: the port does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tls: the port does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'tls: the port does not speak TLS',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'tls: server wants a client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'tls: server rejected the client certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'tls: server rejected the client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'tls: server rejected the client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'tls: server rejected the client certificate',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'tls: handshake failure',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'tls: handshake failure',
}

/** Counted when a connection may not be opened; no packet was sent. */
export const refusedByGuard = 'refused by the safety guard'

/** The reason that is counted for an error of a socket: few different texts, in words. */
export function failureOf(error: Error, stage: Stage): string {
  const code = codeOf(error)
  const tls = byTlsCode[code]
  if (tls !== undefined) return tls
  if (code === 'ETIMEDOUT') return stage === 'connecting' ? 'connect timeout' : 'timeout'
  if (stage === 'tls' && byCode[code] === 'connection reset') {
    return 'tls: connection closed during handshake'
  }
  const network = byCode[code]
  if (network !== undefined) return network
  return stage === 'tls' || code.startsWith('ERR_SSL_')
    ? `tls: ${sentenceOf(code.replace('ERR_SSL_', ''))}`
    : `network: ${code}`
}

/** The error's code; an error without one is named by its class, so that the text stays short. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function sentenceOf(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ')
}
