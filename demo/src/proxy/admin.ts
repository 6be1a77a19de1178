import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AdminPages {
  readonly stats: () => Promise<string>
  readonly clusters: () => object
  readonly serverInfo: () => object
  readonly isReady: () => boolean
}

/** The proxy's own port, with the pages of Envoy's admin interface that the shop needs. */
export class Admin {
  readonly #server: Server

  constructor(pages: AdminPages) {
    this.#server = createServer((incoming, outgoing) => {
      incoming.resume()
      const path = incoming.url?.replace(/\?.*$/, '') ?? '/'
      void answer(path, { outgoing, pages })
    })
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}

async function answer(
  path: string,
  to: { readonly outgoing: ServerResponse; readonly pages: AdminPages },
): Promise<void> {
  const { outgoing, pages } = to
  const send = (status: number, type: string, text: string) => {
    outgoing.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache' }).end(text)
  }
  const json = (value: object) => send(200, 'application/json', JSON.stringify(value))
  switch (path) {
    case '/stats/prometheus':
    case '/metrics':
      try {
        send(200, 'text/plain; version=0.0.4; charset=utf-8', await pages.stats())
      } catch (error) {
        send(500, 'text/plain', String(error))
      }
      return
    case '/clusters':
      json(pages.clusters())
      return
    case '/server_info':
      json(pages.serverInfo())
      return
    case '/ready':
      if (pages.isReady()) send(200, 'text/plain', 'LIVE\n')
      else send(503, 'text/plain', 'PRE_INITIALIZING\n')
      return
    default:
      send(404, 'text/plain', `no page ${path}; there are /stats/prometheus, /clusters, /ready\n`)
  }
}
