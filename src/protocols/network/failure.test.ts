import { expect, test } from 'vitest'
import { failureOf, type Stage } from './failure.ts'

const withCode = (code: string) => Object.assign(new Error('details nobody counts'), { code })

test.each<[string, Stage, string]>([
  ['ECONNREFUSED', 'connecting', 'connection refused'],
  ['EAI_AGAIN', 'connecting', 'name not resolved'],
  ['ETIMEDOUT', 'connecting', 'connect timeout'],
  ['ETIMEDOUT', 'open', 'timeout'],
  ['ECONNRESET', 'open', 'connection reset'],
  ['ECONNRESET', 'tls', 'tls: connection closed during handshake'],
  ['EPIPE', 'open', 'connection reset'],
  ['EMFILE', 'connecting', 'too many open files'],
  ['EADDRNOTAVAIL', 'connecting', 'no free local port'],
  ['CERT_NOT_YET_VALID', 'tls', 'tls: certificate is not valid yet'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'open', 'tls: server rejected the client certificate'],
  ['ERR_SSL_BAD_RECORD_TYPE', 'open', 'tls: bad record type'],
  ['UNSUPPORTED_CERT', 'tls', 'tls: unsupported cert'],
  ['EWHATEVER', 'open', 'network: EWHATEVER'],
])('%s while %s is counted as "%s"', (code, stage, failure) => {
  expect(failureOf(withCode(code), stage)).toBe(failure)
})

test('an error without a code is counted by its class', () => {
  expect(failureOf(new RangeError('at 0x1234'), 'open')).toBe('network: RangeError')
})
