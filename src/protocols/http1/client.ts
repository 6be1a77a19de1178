import type { Answer, ClientOptions, ExchangeClient, ExchangeRequest, Origin } from '../exchange.ts'
import { parseProxy } from '../network/proxy.ts'
import { threadNetworkOf } from '../network/thread-network.ts'
import { secureContextFor } from '../network/tls-context.ts'
import { answerWithout } from './answer.ts'
import type { ConnectionSettings } from './connection.ts'
import { Pool } from './pool.ts'

const maxHeadBytesDefault = 262_144
const anywhere = () => true

/**
 * An HTTP/1.1 client with connections of its own. All clients of a thread that have the same clock
 * share one timer and one cache of host names (10 s). Throws a UsageError when the proxy's URL or
 * the TLS material cannot be used. `close` it: until then it holds the timer and its connections.
 */
export function createHttp1Client(options: ClientOptions): ExchangeClient {
  return new Http1Client(options)
}

class Http1Client implements ExchangeClient {
  readonly #settings: ConnectionSettings
  readonly #connectionsMax: number
  #lastOrigin: Origin | undefined = undefined
  #lastPool: Pool | undefined = undefined
  /** Made with the second origin: most users have one. */
  #pools: Map<string, Pool> | undefined = undefined
  #isClosed = false

  constructor(options: ClientOptions) {
    const { tls } = options
    // Checked before the first use, so that it is the user's mistake and not the target's failure.
    if (tls.ca !== undefined || tls.cert !== undefined || tls.key !== undefined) {
      secureContextFor(tls)
    }
    this.#settings = {
      network: threadNetworkOf(options.clock),
      tls,
      proxy: options.proxy === undefined ? undefined : parseProxy(options.proxy),
      keepAlive: options.keepAlive,
      maxHeadBytes: options.maxHeadBytes ?? maxHeadBytesDefault,
      mayConnect: options.mayConnect ?? anywhere,
      onRefused: options.onRefused ?? anywhere,
    }
    this.#connectionsMax = options.maxConnectionsPerOrigin
    this.#settings.network.deadlines.hold()
  }

  exchange(request: ExchangeRequest, done: (answer: Answer) => void): void {
    const startedAtUs = this.#settings.network.clock.nowUs()
    if (this.#isClosed) {
      setImmediate(done, answerWithout('aborted', startedAtUs, startedAtUs))
      return
    }
    const pool = request.origin === this.#lastOrigin ? this.#lastPool : undefined
    if (pool !== undefined) pool.exchange(request, done, startedAtUs)
    else this.#poolFor(request.origin).exchange(request, done, startedAtUs)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#lastPool?.close()
    for (const pool of this.#pools?.values() ?? []) pool.close()
    this.#settings.network.deadlines.release()
  }

  #poolFor(origin: Origin): Pool {
    const known = keyOf(origin)
    if (this.#lastPool !== undefined && this.#lastOrigin !== undefined) {
      this.#pools ??= new Map([[keyOf(this.#lastOrigin), this.#lastPool]])
    }
    let pool = this.#pools?.get(known)
    if (pool === undefined) {
      pool = new Pool(this.#settings, this.#connectionsMax)
      this.#pools?.set(known, pool)
    }
    this.#lastOrigin = origin
    this.#lastPool = pool
    return pool
  }
}

function keyOf(origin: Origin): string {
  return origin.socketPath === undefined ? origin.key : `${origin.key} ${origin.socketPath}`
}
