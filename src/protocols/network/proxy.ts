import type { Socket } from 'node:net'
import { UsageError } from '../../base/index.ts'
import type { Origin } from '../exchange.ts'
import { parseUrl } from '../url.ts'

/** An HTTP proxy: where it listens, and what it wants to see of us. */
export interface Proxy {
  readonly origin: Origin
  /** Value of proxy-authorization, from user name and password in the proxy's URL. */
  readonly authorization: string | undefined
}

/** Throws a UsageError (PROXY_INVALID) when the text is not an http or https URL. */
export function parseProxy(text: string): Proxy {
  try {
    // 'localhost:3128', as many environments have it, means http.
    const { origin, authorization } = parseUrl(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`)
    return { origin, authorization }
  } catch (error) {
    throw new UsageError(
      'PROXY_INVALID',
      'the proxy is not an http or https URL; write it as http://user:password@host:3128',
      { cause: error },
    )
  }
}

/** The head in absolute-form (RFC 9112 3.2.2), with the proxy's authorization. */
export function headForProxy(head: string, origin: Origin, proxy: Proxy): string {
  const target = head.indexOf(' ') + 1
  const lineEnd = head.indexOf('\r\n') + 2
  const line = `${head.slice(0, target)}${origin.key}${head.slice(target, lineEnd)}`
  return `${line}${authorizationLine(proxy)}${head.slice(lineEnd)}`
}

const tunnelHeadMax = 16_384

interface Tunnel {
  readonly socket: Socket
  readonly origin: Origin
  readonly proxy: Proxy
  /** Called once: undefined when the tunnel stands, else the failure. */
  readonly done: (failure: string | undefined) => void
}

/** Asks the proxy to connect us to `origin` (RFC 9110 9.3.6). Reads the socket until `done`. */
export function openTunnel({ socket, origin, proxy, done }: Tunnel): void {
  const host = origin.host.includes(':') ? `[${origin.host}]` : origin.host
  const authority = `${host}:${origin.port}`
  let answer = ''
  const onData = (bytes: Buffer) => {
    answer += bytes.toString('latin1')
    const end = answer.indexOf('\r\n\r\n')
    if (end < 0 && answer.length <= tunnelHeadMax) return
    socket.off('data', onData)
    done(tunnelFailure(answer, end))
  }
  socket.on('data', onData)
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorizationLine(proxy)}\r\n`,
    'latin1',
  )
}

function tunnelFailure(answer: string, headEnd: number): string | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n)/.exec(answer)?.[1]
  if (headEnd < 0 || status === undefined) return 'proxy: invalid answer'
  if (!status.startsWith('2')) return `proxy: status ${status}`
  // The target cannot speak before we do: whatever follows the head is not its.
  return answer.length > headEnd + 4 ? 'proxy: invalid answer' : undefined
}

function authorizationLine(proxy: Proxy): string {
  return proxy.authorization === undefined ? '' : `proxy-authorization: ${proxy.authorization}\r\n`
}
