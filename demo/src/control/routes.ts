import type { FaultBoard, FaultOrder } from '../faults/board.ts'
import type { Fault } from '../faults/fault.ts'
import { FaultInputError } from '../faults/parameters.ts'
import { Problem } from '../kit/http/problem.ts'
import type { ShopProcess } from '../protocol.ts'
import { callGraph } from '../shop/call-graph.ts'
import type { ControlRequest, ControlRoute } from './server.ts'

/** What the control port shows and does. */
export interface Controlled {
  readonly board: FaultBoard
  readonly processes: () => readonly ShopProcess[]
  readonly facts: () => {
    readonly url: string
    readonly mesh: boolean
    readonly mutualTls: boolean
    /** Round trip of the network between any two processes, ms. */
    readonly networkDelayMs: number
  }
  readonly resetStock: () => Promise<void>
  /** Numbers of the database, as text for Prometheus. */
  readonly databaseMetrics: () => Promise<string>
}

const about = {
  'GET /': 'this list',
  'GET /faults': 'every fault with its parameters, those set now, and the history',
  'POST /faults':
    '{"name": "small-pool", "parameters": {"connectionsMax": 1}} sets one; ' +
    '"random": true, "seed": 7 draws its parameters',
  'DELETE /faults': 'clears all',
  'DELETE /faults/:name': 'clears one',
  'GET /topology': 'processes, and who calls whom',
  'GET /targets': "every process's metrics, for Prometheus' http_sd_configs",
  'GET /metrics': "the database's numbers",
  'POST /stock/reset': 'fills the shelves again',
}

export function controlRoutes(shop: Controlled): ControlRoute[] {
  const { board } = shop
  return [
    { method: 'GET', path: '/', handle: () => ({ status: 200, body: about }) },
    {
      method: 'GET',
      path: '/faults',
      handle: () => {
        const { active, history } = board
        return { status: 200, body: { active, history, faults: board.faults.map(shown) } }
      },
    },
    {
      method: 'POST',
      path: '/faults',
      handle: async request => {
        const order = await orderOf(request)
        return { status: 201, body: await board.set(order) }
      },
    },
    {
      method: 'DELETE',
      path: '/faults',
      handle: async () => ({ status: 200, body: { cleared: await board.clearAll() } }),
    },
    {
      method: 'DELETE',
      path: '/faults/:name',
      handle: async ({ params }) => {
        const name = params['name'] ?? ''
        if (!board.active.some(entry => entry.name === name)) {
          throw new Problem(404, `${name} is not set`)
        }
        return { status: 200, body: await board.clear(name) }
      },
    },
    {
      method: 'GET',
      path: '/topology',
      handle: () => {
        const body = { ...shop.facts(), processes: shop.processes(), calls: callGraph }
        return { status: 200, body }
      },
    },
    {
      method: 'GET',
      path: '/targets',
      handle: () => ({ status: 200, body: shop.processes().flatMap(target) }),
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({ status: 200, body: await shop.databaseMetrics() }),
    },
    {
      method: 'POST',
      path: '/stock/reset',
      handle: async () => {
        await shop.resetStock()
        return { status: 200, body: { status: 'reset' } }
      },
    },
  ]
}

function shown(fault: Fault): object {
  const { name, family, about: mechanism, symptom, parameters, needs } = fault
  return { name, family, about: mechanism, symptom, parameters, ...(needs && { needs }) }
}

async function orderOf(request: ControlRequest): Promise<FaultOrder> {
  const { name, parameters, random, seed, ...others } = await request.json()
  const [other] = Object.keys(others)
  if (other !== undefined) {
    throw new FaultInputError(`"${other}" is not known here; send name, parameters, random, seed`)
  }
  if (typeof name !== 'string') throw new FaultInputError('name is missing: GET /faults lists them')
  if (parameters !== undefined && (typeof parameters !== 'object' || parameters === null)) {
    throw new FaultInputError('parameters must be an object')
  }
  if (random !== undefined && typeof random !== 'boolean') {
    throw new FaultInputError('random must be true or false')
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new FaultInputError('seed must be a whole number')
  }
  return {
    name,
    ...(parameters && { parameters: parameters as Readonly<Record<string, unknown>> }),
    ...(random === undefined ? {} : { random }),
    ...(seed === undefined ? {} : { seed: seed as number }),
  }
}

/** One entry of Prometheus' HTTP service discovery; a process without numbers has none. */
function target(one: ShopProcess): object[] {
  if (one.metricsUrl === '') return []
  const url = new URL(one.metricsUrl)
  const { name, kind, id, version } = one
  const labels = { __metrics_path__: url.pathname, shop_process: id, shop_kind: kind }
  return [{ targets: [url.host], labels: { ...labels, service: name, version } }]
}
