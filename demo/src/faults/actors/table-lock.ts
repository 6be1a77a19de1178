/**
 * A maintenance job that locks a table (against writes, unless told otherwise), does nothing quick
 * with the lock, lets go, and begins again. Forked by the shop with its options as JSON.
 */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '../../kit/data/database.ts'
import { actorOptions, onEnd, tell } from './actor.ts'

const {
  database,
  table,
  mode = 'share row exclusive',
  holdMs,
  pauseMs,
} = actorOptions<{
  readonly database: DatabaseAddress
  /** With its schema. */
  readonly table: string
  /** 'access exclusive' keeps readers out too. @default 'share row exclusive', which does not */
  readonly mode?: string
  readonly holdMs: number
  readonly pauseMs: number
}>()

const client = new pg.Client({ ...database, application_name: 'table-lock' })
// The lock goes with the connection, also when this process is killed.
onEnd(() => void client.end().finally(() => process.exit(0)))
try {
  await client.connect()
  tell({ kind: 'ready' })
  for (;;) {
    await client.query('begin')
    await client.query(`lock table ${table} in ${mode} mode`)
    await delay(holdMs)
    await client.query('commit')
    await delay(pauseMs)
  }
} catch (error) {
  tell({ kind: 'failed', message: String(error) })
  process.exit(1)
}
