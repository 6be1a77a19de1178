import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startTestCluster, type TestCluster } from '../../database/test-cluster.ts'
import { Problem } from '../http/problem.ts'
import { serviceSettings, type ServiceSettings } from '../settings.ts'
import { ServiceMetrics } from '../telemetry/metrics.ts'
import { OtlpReceiver } from '../telemetry/otlp-receiver.ts'
import { openTelemetry } from '../telemetry/telemetry.ts'
import { Database } from './database.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
}, 30_000)
afterAll(() => cluster.stop(), 30_000)

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

interface Opened {
  readonly database: Database
  readonly metrics: ServiceMetrics
  readonly settings: ServiceSettings
}

async function open(differing: Partial<ServiceSettings> = {}): Promise<Opened> {
  const settings = serviceSettings(differing)
  const metrics = new ServiceMetrics('test')
  const { address } = cluster
  const database = new Database({ address, schema: 'shop_test', settings, metrics })
  await database.migrate({
    name: 'shop_test',
    sql: 'create table if not exists stock (left_count int)',
  })
  ends.push(() => database.end())
  return { database, metrics, settings }
}

/** A span to work below, and what the collector has got once it ended. */
async function traced(metrics: ServiceMetrics) {
  const receiver = new OtlpReceiver()
  const otlpUrl = await receiver.listen()
  ends.push(() => receiver.stop())
  const identity = { id: 'test-1', version: 'stable' }
  const options = { otlpUrl, sampleRatio: 1, b3: false, requestLog: false }
  const { tracing } = await openTelemetry({ service: 'test', identity, metrics, options })
  const span = tracing.serve('GET', {})
  const received = async () => {
    span.end()
    await tracing.stop()
    const below = receiver.spans.filter(one => one.parentSpanId === span.spanId)
    return below.sort((a, b) => a.startUnixMs - b.startUnixMs)
  }
  return { span, received }
}

test('a statement is a span that says what it did, and when it got its connection', async () => {
  const { database, metrics } = await open()
  const { span, received } = await traced(metrics)
  await database.below(span).query('select left_count from stock where left_count > $1', [5])
  const [statement, ...more] = await received()
  expect(more).toEqual([])
  expect(statement).toMatchObject({ name: 'select stock', kind: 'client', isError: false })
  expect(statement?.attributes).toEqual({
    'db.system.name': 'postgresql',
    'db.namespace': 'postgres|shop_test',
    'db.operation.name': 'select',
    'db.query.summary': 'select stock',
    'db.query.text': 'select left_count from stock where left_count > $1',
    'server.address': 'localhost',
    'server.port': 5432,
  })
  expect(statement?.events.map(event => event.name)).toEqual(['db.client.connection.acquired'])
})

test('the steps of a transaction are spans, the first waits for the connection', async () => {
  const { database, metrics } = await open()
  const { span, received } = await traced(metrics)
  const statements = database.below(span)
  await statements.transaction(async query => query('insert into stock values (1)'))
  const refused = statements.transaction(async query => query('select 1 / 0'))
  await expect(refused).rejects.toThrow()
  const spans = await received()
  const names = spans.map(one => [one.name, one.attributes['error.type'], one.events.length])
  expect(names).toEqual([
    ...[
      ['begin', undefined, 1],
      ['insert stock', undefined, 0],
      ['commit', undefined, 0],
    ],
    ...[
      ['begin', undefined, 1],
      ['select', '22012', 0],
      ['rollback', undefined, 0],
    ],
  ])
})

test('a pool that is used up shows in the span, the wait and the time-outs', async () => {
  const { database, metrics } = await open({ poolConnectionsMax: 1, poolWaitMs: 30 })
  const { span, received } = await traced(metrics)
  const held = Promise.withResolvers<void>()
  const holds = Promise.withResolvers<void>()
  const holder = database.transaction(async () => {
    holds.resolve()
    await held.promise
  })
  await holds.promise
  const waits = database.below(span).query('select 1')
  await expect(waits).rejects.toMatchObject({ status: 503 })
  held.resolve()
  await holder
  const [statement] = await received()
  expect(statement?.attributes['error.type']).toBe('pool_timeout')
  expect(statement?.events).toEqual([])
  const { values } = await metrics.poolTimeouts.get()
  expect(values.map(({ value }) => value)).toEqual([1])
})

test('uses, waits, new connections and operations are counted', async () => {
  const { database, metrics } = await open({ poolConnectionsMax: 1 })
  await database.query('select 1')
  await database.transaction(async query => query('update stock set left_count = 3'))
  await expect(database.query('select nothing')).rejects.toThrow()
  const text = await metrics.registry.metrics()
  const counted = [...text.matchAll(/^(db_\w+_seconds)_count\{(.*?)\} (\d+)$/gm)].map(match => {
    const labels = match[2]?.split(',').filter(label => !label.startsWith('service_')) ?? []
    return `${match[1]} ${labels.sort().join(' ')} ${match[3]}`
  })
  const operation = 'db_client_operation_duration_seconds db_operation_name'
  // Migrating made the one connection, and took it without waiting in line.
  expect(new Set(counted)).toEqual(
    new Set([
      'db_client_connection_create_time_seconds  1',
      'db_client_connection_use_time_seconds  3',
      'db_client_connection_wait_time_seconds  3',
      `${operation}="begin" 1`,
      `${operation}="commit" 1`,
      `${operation}="select" 1`,
      `${operation}="select" error_type="42703" 1`,
      `${operation}="update" 1`,
    ]),
  )
})

test('tables may take longer to make than any statement of a request', async () => {
  const { database } = await open({ statementTimeoutMs: 20 })
  const sql = 'select pg_sleep(0.1); create table if not exists slow ()'
  const schema = { name: 'shop_test', sql }
  await database.migrate(schema)
  expect(await database.query('select from slow')).toEqual([])
  const slow = database.query('select pg_sleep(5)')
  await expect(slow).rejects.toEqual(new Problem(504, 'the database took too long'))
})

test('the limits of a pool can be changed while it is used', async () => {
  const { database, settings } = await open({ poolConnectionsMax: 3 })
  const backends = `select count(*)::int as count from pg_stat_activity
    where application_name = 'shop_test'`
  const opened = async () => (await database.query<{ count: number }>(backends))[0]?.count
  await Promise.all([1, 2, 3].map(() => database.query('select pg_sleep(0.01)')))
  expect(await opened()).toBe(3)
  settings.poolConnectionsMax = 1
  await vi.waitFor(async () => expect(await opened()).toBe(1))
  settings.statementTimeoutMs = 20
  const slow = database.query('select pg_sleep(5)')
  await expect(slow).rejects.toEqual(new Problem(504, 'the database took too long'))
})

test('a leak keeps connections until none is left, and gives them back when it ends', async () => {
  const { database, metrics, settings } = await open({ poolConnectionsMax: 2 })
  const used = async () => {
    const values = (await metrics.registry.getSingleMetric('db_client_connection_count')?.get())
      ?.values
    return values?.find(one => one.labels['state'] === 'used')?.value
  }
  settings.poolLeakRatio = 0.25
  for (let turn = 0; turn < 8; turn += 1) await database.query('select 1')
  expect(await used()).toBe(2)
  settings.poolWaitMs = 30
  await expect(database.query('select 1')).rejects.toMatchObject({ status: 503 })
  // What leaks at another rate is still leaked.
  settings.poolLeakRatio = 0.01
  database.adjust()
  expect(await used()).toBe(2)
  settings.poolLeakRatio = 0
  database.adjust()
  expect(await used()).toBe(0)
  await database.query('select 1')
})

test('a database with leaked connections can be closed', async () => {
  const { database, settings } = await open({ poolConnectionsMax: 1 })
  settings.poolLeakRatio = 1
  await database.query('select 1')
})

test('a statement has its connection for as long as the network takes', async () => {
  const { database, settings } = await open({ poolConnectionsMax: 1, poolWaitMs: 20 })
  settings.networkDelayMs = 1_000
  const first = database.query<{ one: number }>('select 1 as one')
  await expect(database.query('select 2')).rejects.toMatchObject({ status: 503 })
  expect(await first).toEqual([{ one: 1 }])
})

test('exports keep connections from requests, until there are to be none', async () => {
  const { database, settings } = await open({ poolConnectionsMax: 2, poolWaitMs: 50 })
  Object.assign(settings, { poolExports: 2, poolExportMs: 600_000 })
  database.adjust()
  await vi.waitFor(() => expect(database.query('select 1')).rejects.toMatchObject({ status: 503 }))
  Object.assign(settings, { poolExports: 1 })
  await vi.waitFor(() => database.query('select 1'))
  Object.assign(settings, { poolExports: 0 })
  await database.end()
  ends.pop()
})
