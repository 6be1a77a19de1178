import type { DatabaseAddress } from './data/database.ts'
import { Database } from './data/database.ts'
import { Peers } from './calls/peers.ts'
import { ServiceServer } from './http/server.ts'
import type { ServiceDefinition } from './service.ts'
import { noTracing } from './telemetry/tracing.ts'
import { ServiceMetrics } from './telemetry/metrics.ts'
import type { PeerAddresses } from '../protocol.ts'

/** One service of the shop inside a test's own process. */
export interface TestService {
  readonly url: string
  readonly database: Database
  stop(): Promise<void>
}

/** Opens a service on a free port as host.ts does; its settings stay the definition's object. */
export async function openTestService(
  definition: ServiceDefinition,
  options: { readonly database: DatabaseAddress; readonly peers: PeerAddresses },
): Promise<TestService> {
  const { name, settings, schema, foreign } = definition
  const metrics = new ServiceMetrics(name)
  const server = new ServiceServer({ name, settings, metrics, foreign })
  const url = await server.listen(0)
  const address = options.database
  const database = new Database({ address, schema: schema?.name ?? 'public', settings, metrics })
  if (schema) await database.migrate(schema)
  const peers = new Peers({ addresses: options.peers, settings, metrics })
  const identity = { id: `${name}-1`, version: 'stable' }
  const tracing = noTracing
  const context = { identity, settings, database, peers, metrics, tracing, secrets: {}, url }
  const opened = await definition.open(context)
  server.attach({ version: 'stable', routes: opened.routes, database, peers })
  const stop = async () => {
    await server.stop()
    await opened.stop?.()
    peers.end()
    await database.end()
  }
  return { url, database, stop }
}
