import { createServer, request as send, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listen } from './rig.ts'

export interface TestProxy {
  readonly url: string
  readonly port: number
  /** Request targets as they came: 'GET http://...' or 'CONNECT host:port'. */
  readonly seen: string[]
  /** proxy-authorization as it came. */
  readonly authorizations: (string | undefined)[]
}

/** A small forward proxy: absolute-form for http, CONNECT for https. */
export async function proxyServer(options: { refuseWith?: string } = {}): Promise<TestProxy> {
  const seen: string[] = []
  const authorizations: (string | undefined)[] = []
  const note = (request: IncomingMessage) => {
    seen.push(`${request.method} ${request.url}`)
    authorizations.push(request.headers['proxy-authorization'])
  }
  const server = createServer((request, response) => {
    note(request)
    const { method = 'GET', url = '' } = request
    const forwarded = send(url, { method, headers: { host: request.headers.host } }, answer => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    request.pipe(forwarded)
  })
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request)
    if (options.refuseWith !== undefined) {
      socket.end(options.refuseWith)
      return
    }
    const { hostname, port } = new URL(`http://${request.url}`)
    const target = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n')
      socket.pipe(target).pipe(socket)
    })
    target.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
    socket.on('error', () => target.destroy())
    socket.on('close', () => target.destroy())
  })
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}`, port, seen, authorizations }
}
