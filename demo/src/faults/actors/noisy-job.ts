/**
 * A nightly report that sorts and joins on the shop's own database, several queries at a time.
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

/** No index helps, and the pairs have to be sorted. */
const report = `
  select one.sku, count(*), sum(length(other.description))
  from (select sku, name from shop_catalog.products order by md5(sku) limit $1) as one
    join shop_catalog.products as other
      on position(lower(one.name) in lower(other.description)) = 0
  group by one.sku
  order by md5(one.sku || count(*)::text)`

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
  // The last queries need not be slow any more.
  void limit?.stop()
})
try {
  await Promise.all(clients.map(client => client.connect()))
  // So that the database stops working for us when this process is killed.
  await Promise.all(clients.map(client => client.query('set client_connection_check_interval=100')))
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
  while (!ending) await client.query(report, [comparedGoods])
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
