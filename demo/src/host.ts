/**
 * The process of one service: `host.ts <service> <port>`, forked by the shop. It listens at once,
 * waits for addresses and keys, makes its tables, answers until it is told to stop (SIGTERM) or
 * the shop is gone (IPC disconnect).
 */
import { CpuQuota } from './kit/cpu-quota.ts'
import { Database } from './kit/data/database.ts'
import { ServiceMetrics } from './kit/telemetry/metrics.ts'
import { openTelemetry } from './kit/telemetry/telemetry.ts'
import { Peers } from './kit/calls/peers.ts'
import { ServiceServer } from './kit/http/server.ts'
import type { ServiceDefinition } from './kit/service.ts'
import type { ChangeService, Configure, FromService } from './protocol.ts'
import { applySettings } from './kit/settings.ts'
import { isServiceName, serviceEntries, type ServiceName } from './services.ts'

const [name, portText] = process.argv.slice(2)
if (!isServiceName(name) || !process.connected) {
  console.error('a service is started by the shop: npm run shop')
  process.exit(2)
}
process.title = `shop:${name}`
// Ctrl-C reaches the whole terminal group: the shop decides when a service stops.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

const configured = new Promise<Configure>(resolve => {
  process.once('message', message => resolve(message as Configure))
})
const stopEarly = () => process.exit(0)
process.once('SIGTERM', stopEarly)
process.once('disconnect', stopEarly)

try {
  await serve(name, Number(portText))
} catch (error) {
  tell({ kind: 'failed', code: codeOf(error), message: (error as Error).message })
  // What has a code (a port in use, no database) is told by the shop in one line.
  if (codeOf(error) === '') console.error(error)
  process.exitCode = 1
  process.disconnect?.()
}

async function serve(name: ServiceName, port: number): Promise<void> {
  const module = (await import(serviceEntries[name])) as {
    default: ServiceDefinition
  }
  const { settings, schema, foreign, open } = module.default
  const base = { ...settings }
  const metrics = new ServiceMetrics(name)
  const server = new ServiceServer({ name, settings, metrics, foreign })
  const quota = new CpuQuota({ coresMax: () => settings.cpuCores, registry: metrics.registry })
  const url = await server.listen(port)
  tell({ kind: 'listening', url })
  const { identity, peers: addresses, database: address, secrets, ...given } = await configured
  applySettings(settings, base, given.settings)
  const told = { service: name, identity, metrics, foreign, options: given.telemetry }
  const telemetry = await openTelemetry(told)
  const { tracing, log } = telemetry
  const database = new Database({ address, schema: schema?.name ?? 'public', settings, metrics })
  if (schema) await database.migrate(schema)
  const peers = new Peers({ addresses, settings, metrics })
  const context = { identity, settings, database, peers, metrics, tracing, secrets, url }
  const opened = await open(context)
  const { routes } = opened
  server.attach({ version: identity.version, routes, database, peers, tracing, log })
  onChange(change => {
    if (change.kind === 'peers') peers.moveTo(change.peers)
    else applySettings(settings, base, change.values)
    metrics.identify({ ...identity, version: identity.version + settings.versionSuffix })
    database.adjust()
  })

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      quota.stop()
      await server.stop()
      await opened.stop?.()
      peers.end()
      await database.end()
      await telemetry.stop()
    })().finally(() => process.exit())
  }
  process.off('SIGTERM', stopEarly)
  process.off('disconnect', stopEarly)
  process.on('SIGTERM', stop)
  process.on('disconnect', stop)
  tell({ kind: 'ready' })
}

/** Does each change and says so; one that cannot be done is told with its reason. */
function onChange(change: (change: ChangeService) => void): void {
  process.on('message', message => {
    const { id, ...asked } = message as ChangeService & { readonly id: number }
    try {
      change(asked)
      tell({ kind: 'changed', id })
    } catch (error) {
      tell({ kind: 'changed', id, error: (error as Error).message })
    }
  })
}

function tell(message: FromService): void {
  if (process.connected) process.send?.(message)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
