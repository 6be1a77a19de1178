/**
 * A shop behind a mesh of sidecar proxies. Its answers say more than others:
 * x-envoy-upstream-service-time is how long everything behind the first proxy took, server-timing
 * how long the gateway itself was at it. What is left of the time of one's own is network and
 * proxy. A 503 may come from a proxy (its circuit breaker, its rate limit: x-envoy-...) or from a
 * service: the checks tell them apart, so a tight limit of the mesh is not taken for a broken shop.
 *
 *   npm run shop -- --mesh
 *   npx loadstone run examples/mesh.ts -e MESH=yes       an answer without a proxy is a failure
 *   npx loadstone run examples/mesh.ts                   the same load without a mesh: compare p95
 */
import { between, plan, scenario, type Response, type User } from 'loadstone'

const check = {
  'not refused by a proxy': refusedByProxy,
  'no service failed': ({ status }: Response) => status < 500 || `${status} from a service`,
}

export const mesh = scenario('mesh', {
  target: 'http://127.0.0.1:8080',
  load: { users: 20, rampUp: '5s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),

  async onStart(user) {
    const answer = await user.http.get('/health', { expect: 200, required: true })
    const proxied = answer.headers.has('x-envoy-upstream-service-time')
    if (user.env.MESH === 'yes' && !proxied) throw new Error('MESH=yes, but no proxy answered')
    return { answers: 0, ownMs: 0, behindProxyMs: 0, inGatewayMs: 0 }
  },

  tasks: {
    list: {
      weight: 3,
      run: async user => {
        const query = { category: 'home', page: user.random.int(1, 10) }
        const options = { query, expect: ['2xx', '5xx'], check } as const
        take(user, await user.http.get('/api/v1/products', options))
      },
    },
    recommend: {
      weight: 1,
      run: async user => {
        const query = { product_id: `sku-${user.random.int(2001, 4000)}` }
        const options = { query, expect: ['2xx', '5xx'], check } as const
        take(user, await user.http.get('/api/v1/recommendations', options))
      },
    },
  },

  /** One user's times are enough to see where they go. */
  async onStop(user) {
    const { answers, ownMs, behindProxyMs, inGatewayMs } = user.state
    if (user.id !== 0 || answers === 0) return
    const mean = (sumMs: number) => `${(sumMs / answers).toFixed(1)} ms`
    const parts = `behind the proxy ${mean(behindProxyMs)}, in the gateway ${mean(inGatewayMs)}`
    user.log.info(`mean of ${answers} answers: ${mean(ownMs)}, of that ${parts}`)
  },
})

interface Times {
  answers: number
  ownMs: number
  behindProxyMs: number
  inGatewayMs: number
}

function take({ state }: User<Times>, { headers, timings }: Response): void {
  state.answers++
  state.ownMs += timings.totalMs
  state.behindProxyMs += Number(headers.get('x-envoy-upstream-service-time') ?? 0)
  state.inGatewayMs += Number(
    /gateway;dur=([\d.]+)/.exec(headers.get('server-timing') ?? '')?.[1] ?? 0,
  )
}

/** Envoy's own refusals carry a header; a proxy that reached nobody answers in plain text. */
function refusedByProxy({ status, headers }: Response): true | string {
  if (headers.has('x-envoy-overloaded')) return `${status}: a circuit breaker is open`
  if (headers.has('x-envoy-ratelimited')) return `${status}: the rate limit of a proxy`
  const isPlain = headers.get('content-type')?.startsWith('text/plain') === true
  return status < 500 || !isPlain || `${status}: a proxy reached no service`
}

export default plan({
  scenarios: [mesh],
  warmUp: '5s',
  thresholds: ['p95 < 1s', 'p99 < 2s', 'errors < 1%', 'checks > 99%'],
})
