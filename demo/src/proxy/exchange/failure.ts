import type { RetryOn } from '../contract.ts'

/** Ways a request or a try can fail at the proxy. */
export type Failure =
  | 'overflow'
  | 'connect-failure'
  | 'connect-timeout'
  | 'termination'
  | 'remote-reset'
  | 'protocol-error'
  | 'timeout'
  | 'per-try-timeout'
  | 'no-healthy-upstream'
  | 'no-route'
  | 'rate-limited'

/** Sources: Envoy, "Access logging", RESPONSE_FLAGS, for flags and codes. */
interface Reply {
  readonly flag: 'UO' | 'UF' | 'UC' | 'UR' | 'UPE' | 'UT' | 'UH' | 'NR' | 'RL'
  readonly status: number
  readonly text: string
}

const reset = 'upstream connect error or disconnect/reset before headers. reset reason: '

/**
 * What the caller gets, with Envoy's flags and texts. One thing is told more exactly than by Envoy
 * with HTTP/1.1, which says UC for both: a connection that ended is UC, one that was reset (a TCP
 * RST, as when a process dies with bytes unread) is UR.
 */
export const replies: Readonly<Record<Failure, Reply>> = {
  overflow: { flag: 'UO', status: 503, text: `${reset}overflow` },
  'connect-failure': { flag: 'UF', status: 503, text: `${reset}remote connection failure` },
  'connect-timeout': { flag: 'UF', status: 503, text: `${reset}connection timeout` },
  termination: { flag: 'UC', status: 503, text: `${reset}connection termination` },
  'remote-reset': { flag: 'UR', status: 503, text: `${reset}remote reset` },
  'protocol-error': { flag: 'UPE', status: 502, text: `${reset}protocol error` },
  timeout: { flag: 'UT', status: 504, text: 'upstream request timeout' },
  'per-try-timeout': { flag: 'UT', status: 504, text: 'upstream request timeout' },
  'no-healthy-upstream': { flag: 'UH', status: 503, text: 'no healthy upstream' },
  'no-route': { flag: 'NR', status: 404, text: '' },
  'rate-limited': { flag: 'RL', status: 429, text: 'local_rate_limited' },
}

/** The failure behind an error of Node's HTTP client after the connection stood. */
export function failureOf(error: Error): Failure {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code?.startsWith('HPE_')) return 'protocol-error'
  // Node calls the end of a connection ECONNRESET too; only a real reset comes from a system call.
  return code === 'ECONNRESET' && syscall !== undefined ? 'remote-reset' : 'termination'
}

/** Whether these conditions ask for another try after this failure; never after an overflow. */
export function retriesFailure(failure: Failure, retryOn: readonly RetryOn[]): boolean {
  const any = (...conditions: RetryOn[]) => conditions.some(one => retryOn.includes(one))
  switch (failure) {
    case 'connect-failure':
    case 'connect-timeout':
      return any('connect-failure', 'reset', 'gateway-error', '5xx')
    case 'per-try-timeout':
      return any('per-try-timeout', 'reset', 'gateway-error', '5xx')
    case 'termination':
    case 'remote-reset':
    case 'protocol-error':
      return any('reset', 'gateway-error', '5xx')
    default:
      return false
  }
}

/** Whether these conditions ask for another try after this status; retriable-4xx is 409. */
export function retriesStatus(status: number, retryOn: readonly RetryOn[]): boolean {
  if (retryOn.includes('5xx') && status >= 500) return true
  if (retryOn.includes('gateway-error') && status >= 502 && status <= 504) return true
  return retryOn.includes('retriable-4xx') && status === 409
}
