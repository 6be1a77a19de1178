/**
 * A nightly report that joins and sorts on the shop's own database, several queries at a time:
 * whole tables are read by parallel workers, and what is sorted goes to temporary files.
 * Forked by the shop with its options as JSON.
 */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { DatabaseAddress } from '../../kit/data/database.ts'
import { actorOptions, onEnd, tell } from './actor.ts'
import { CpuLimit } from './cpu-limit.ts'
import { childrenOf, knowsProcesses } from './process-facts.ts'

const { database, concurrency, comparedGoods, databaseCores } = actorOptions<{
  readonly database: DatabaseAddress
  /** Queries that run at the same time. */
  readonly concurrency: number
  /** Goods compared with all others in one query: how long one runs. */
  readonly comparedGoods: number
  /** CPU cores of the whole database, as the quota of its container; 0: no limit. */
  readonly databaseCores: number
}>()

/** As someone sets who wants a report soon: parallel workers, little memory for each of many. */
const session = `
  set client_connection_check_interval = 100;
  set work_mem = '1MB';
  set max_parallel_workers_per_gather = 4;
  set min_parallel_table_scan_size = 0;
  set parallel_setup_cost = 0;
  set parallel_tuple_cost = 0`

/** No index helps, and all pairs are sorted with their texts: far more than fits in memory. */
const report = `
  select count(*) from (
    select one.sku, other.description,
      row_number() over (order by md5(one.sku || other.sku), other.description) as place
    from (select sku, name from shop_catalog.products order by md5(sku) limit $1) as one
      join shop_catalog.products as other
        on position(lower(one.name) in lower(other.description)) = 0
  ) as pairs where place % 7 = 0`

let ending = false
let limit: CpuLimit | undefined
const clients = Array.from({ length: concurrency }, () => {
  const client = new pg.Client({ ...database, application_name: 'nightly-report' })
  // A query that nobody waits for any more ends by itself.
  client.on('error', () => undefined)
  return client
})
onEnd(() => {
  ending = true
  void limit?.stop()
  // A database that is gone has no queries either.
  cancelReports().catch(() => undefined)
})
try {
  await Promise.all(clients.map(client => client.connect()))
  // The interval: so that the database stops working for us when this process is killed.
  await Promise.all(clients.map(client => client.query(session)))
  if (databaseCores > 0) {
    limit = await limitOfDatabase(clients[0]!)
    await limit.start()
  }
  tell({ kind: 'ready' })
  await Promise.all(clients.map(work))
  await Promise.all(clients.map(client => client.end()))
  process.exit(0)
} catch (error) {
  tell({ kind: 'failed', message: String(error) })
  process.exit(1)
}

async function work(client: pg.Client): Promise<void> {
  while (!ending) {
    await client.query(report, [comparedGoods]).catch((error: unknown) => {
      if (!ending) throw error
    })
  }
}

/** A report runs for seconds, and its result is not wanted any more. */
async function cancelReports(): Promise<void> {
  const client = new pg.Client({ ...database, application_name: 'nightly-report-end' })
  await client.connect()
  await client.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'nightly-report'`,
  )
  await client.end()
}

/** The process of a database on this machine is named in its folder. */
async function limitOfDatabase(client: pg.Client): Promise<CpuLimit> {
  if (!knowsProcesses) throw new Error('only Linux can limit the database; set databaseCores to 0')
  const { rows } = await client.query<{ data_directory: string }>('show data_directory')
  const pid = postmasterPidIn(rows[0]?.data_directory ?? '')
  const pids = () => childrenOf(pid)
  return new CpuLimit({ guarded: pid, pids, cores: databaseCores })
}

function postmasterPidIn(folder: string): number {
  try {
    return Number(readFileSync(`${folder}/postmaster.pid`, 'utf8').split('\n')[0])
  } catch (cause) {
    throw new Error('the database runs elsewhere: set databaseCores to 0', { cause })
  }
}
