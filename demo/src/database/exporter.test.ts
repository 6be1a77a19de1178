import { createServer, type AddressInfo, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { parseExposition } from '../kit/exposition.ts'
import { DatabaseExporter } from './exporter.ts'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
}, 30_000)
afterAll(() => cluster.stop(), 30_000)

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function connect(name: string): Promise<pg.Client> {
  const client = new pg.Client({ ...cluster.address, application_name: name })
  await client.connect()
  ends.push(() => client.end())
  return client
}

function exporterOf(address: ConstructorParameters<typeof DatabaseExporter>[0], waitMs?: number) {
  const exporter = new DatabaseExporter(address, waitMs)
  ends.push(() => exporter.end())
  return exporter
}

/** Sum of all values of a name whose labels are at least those given. */
async function read(
  exporter: DatabaseExporter,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const { samples } = parseExposition(await exporter.metrics())
  const found = samples.filter(
    one => one.name === name && Object.entries(labels).every(([key, v]) => one.labels[key] === v),
  )
  return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one.value, 0)
}

test('tells who holds a row, who waits for it, and since when', async () => {
  const exporter = exporterOf(cluster.address)
  const holder = await connect('holder')
  const waiter = await connect('waiter')
  await holder.query('create table stock (count int); insert into stock values (1)')
  await holder.query('begin; update stock set count = 2')
  const waits = waiter.query('update stock set count = 3')
  const count = 'pg_stat_activity_count'
  const waiting = { application_name: 'waiter', state: 'active', wait_event_type: 'Lock' }
  await vi.waitFor(async () => expect(await read(exporter, count, waiting)).toBe(1))
  expect(await read(exporter, count, { ...waiting, wait_event: 'transactionid' })).toBe(1)
  const idle = { application_name: 'holder', state: 'idle in transaction', usename: 'shop' }
  expect(await read(exporter, count, idle)).toBe(1)
  const age = await read(exporter, 'pg_stat_activity_max_tx_duration', idle)
  expect(age).toBeGreaterThan(0)
  // Both updates hold the table; only the waiter holds the row's place in the queue.
  expect(await read(exporter, 'pg_locks_count', { mode: 'rowexclusivelock' })).toBe(2)
  expect(await read(exporter, 'pg_locks_count', { mode: 'exclusivelock' })).toBe(1)
  expect(await read(exporter, 'pg_locks_count', { mode: 'accessexclusivelock' })).toBe(0)
  await holder.query('commit')
  await waits
  expect(await read(exporter, count, { ...waiting })).toBeUndefined()
  expect(await read(exporter, count, { state: 'idle in transaction' })).toBe(0)
})

test("has the database's counters as counters, and the limit of connections", async () => {
  const text = await exporterOf(cluster.address).metrics()
  const { samples, types } = parseExposition(text)
  const names = new Set(samples.map(sample => sample.name))
  for (const name of ['xact_commit', 'xact_rollback', 'deadlocks', 'blks_hit', 'blk_read_time']) {
    expect(names).toContain(`pg_stat_database_${name}`)
    expect(types.get(`pg_stat_database_${name}`)).toBe('counter')
  }
  expect(names).toContain('pg_stat_database_active_time_seconds_total')
  expect(names).toContain('pg_stat_database_numbackends')
  const max = samples.find(sample => sample.name === 'pg_settings_max_connections')
  const setting = await (await connect('asks')).query('show max_connections')
  expect(max?.value).toBe(Number((setting.rows[0] as { max_connections: string }).max_connections))
})

test('keeps to one connection, opens it again when it was cut, and closes it', async () => {
  const exporter = exporterOf(cluster.address)
  const other = await connect('other')
  const mine = async () => {
    const sql = `select pid from pg_stat_activity where application_name = 'exporter'`
    return (await other.query<{ pid: number }>(sql)).rows.map(row => row.pid)
  }
  await Promise.all([1, 2, 3].map(() => read(exporter, 'pg_up')))
  await vi.waitFor(async () => expect(await mine()).toHaveLength(1))
  const [pid] = await mine()
  await other.query('select pg_terminate_backend($1)', [pid])
  await vi.waitFor(async () => expect(await read(exporter, 'pg_up')).toBe(1))
  expect(await mine()).not.toContain(pid)
  await exporter.end()
  await vi.waitFor(async () => expect(await mine()).toEqual([]))
})

test('says pg_up 0 and why when nobody answers', async () => {
  const gone = exporterOf({ connectionString: 'postgres://shop@127.0.0.1:1/shop' })
  expect(await gone.metrics()).toMatch(/ECONNREFUSED[^\n]*\n# TYPE pg_up gauge\npg_up 0\n$/)
  const sockets: Socket[] = []
  const silent = createServer(socket => sockets.push(socket))
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    sockets.forEach(socket => socket.destroy())
    silent.close()
  })
  const { port } = silent.address() as AddressInfo
  const connectionString = `postgres://shop@127.0.0.1:${port}/shop`
  expect(await read(exporterOf({ connectionString }, 30), 'pg_up')).toBe(0)
  expect(sockets).toHaveLength(1)
})
