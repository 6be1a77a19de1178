import type { IncomingHttpHeaders } from 'node:http'
import { jsonOf, type PeerAnswer } from '../../kit/calls/peers.ts'
import type { ProblemDocument } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import { allowOf, type Route } from '../../kit/http/router.ts'
import type {
  Handler,
  ServiceContext,
  ServiceDefinition,
  ServiceRoutes,
} from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { tokenVerifier } from '../auth/token.ts'
import { admit } from './access.ts'
import { gatewayRoutes, type GatewayRoute } from './routes.ts'

/** Request headers for the service behind, besides trace context and ids. */
const requestHeaders = ['content-type', 'accept', 'accept-language', 'user-agent']

/** Answer headers that go back to the client. */
const answerHeaders = [
  'content-type',
  'x-upstream-version',
  'server-timing',
  'location',
  'retry-after',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'cache-control',
  'allow',
  'idempotent-replayed',
]

const definition: ServiceDefinition = {
  name: 'gateway',
  settings: serviceSettings({
    poolConnectionsMax: 0,
    // Longer than the services' own, so that their answer about a slow peer arrives.
    callTimeoutMs: 8_000,
    callConnectionsMax: 256,
    callPendingMax: 4_096,
  }),
  open,
}
export default definition

async function open(context: ServiceContext): Promise<ServiceRoutes> {
  const verify = await tokenVerifier(context.secrets.verifyKey)
  const handle =
    (route: GatewayRoute): Handler =>
    async request => {
      const userId = await admit(route.access, request.headers, verify)
      return forward(request, route, userId)
    }
  const routes = gatewayRoutes.map(route => {
    return { method: route.method, path: route.path, handle: handle(route) }
  })
  return { routes: [...routes, ...optionsRoutes()] }
}

/** OPTIONS says what a path takes, without asking the service behind it. */
function optionsRoutes(): Route<Handler>[] {
  const byPath = Map.groupBy(gatewayRoutes, route => route.path)
  return [...byPath].map(([path, routes]) => {
    const allow = allowOf([...routes.map(route => route.method), 'OPTIONS'])
    return { method: 'OPTIONS', path, handle: () => ({ status: 204, headers: { allow } }) }
  })
}

async function forward(
  request: ShopRequest,
  route: GatewayRoute,
  userId: string | undefined,
): Promise<Answer> {
  const headers = request.forwardedHeaders()
  // Only the gateway says who is signed in; what a client claims is dropped.
  delete headers['x-user-id']
  if (userId !== undefined) headers['x-user-id'] = userId
  Object.assign(headers, picked(request.headers, requestHeaders))
  const answer = await request.send({
    peer: route.service,
    method: route.method,
    path: pathAt(route, request),
    headers,
    body: route.method === 'GET' ? undefined : await request.bytes(),
  })
  const sent = picked(answer.headers, answerHeaders)
  const body = isProblem(answer) ? withPublicPath(answer, request.path) : answer.body
  return { status: answer.status, body, headers: sent }
}

const isProblem = ({ headers }: PeerAnswer) =>
  headers['content-type']?.startsWith('application/problem+json') ?? false

/** A problem names the path the client asked for, not the one behind the gateway. */
function withPublicPath(answer: PeerAnswer, instance: string): ProblemDocument {
  return { ...jsonOf<ProblemDocument>(answer), instance }
}

function pathAt(route: GatewayRoute, request: ShopRequest): string {
  const path = route.to.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(request.param(name)),
  )
  const search = request.search.toString()
  return search === '' ? path : `${path}?${search}`
}

function picked(from: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of names) {
    const value = from[name]
    if (typeof value === 'string') headers[name] = value
  }
  return headers
}
