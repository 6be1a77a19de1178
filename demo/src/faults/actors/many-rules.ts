/**
 * Lets pricing's table of rules grow by a part with rules for goods that are no longer sold: nobody
 * needs them, and everybody reads them. At the end the part is dropped. Forked by the shop.
 */
import pg from 'pg'
import type { DatabaseAddress } from '../../kit/data/database.ts'
import { actorOptions, onEnd, tell } from './actor.ts'

const { database, part, rules } = actorOptions<{
  readonly database: DatabaseAddress
  /** Name of the part. */
  readonly part: string
  readonly rules: number
}>()

const schema = 'shop_pricing'
const ended = Promise.withResolvers<void>()
onEnd(() => ended.resolve())
try {
  const client = new pg.Client({ ...database, application_name: 'many-rules' })
  await client.connect()
  await client.query(
    `begin;
     create table ${schema}.${part} () inherits (${schema}.price_rules);
     insert into ${schema}.${part}
       select 'outdated', 'JPY', 2 + number % 50, 1 + number % 90
       from generate_series(1, ${Math.round(rules)}) as number;
     commit`,
  )
  tell({ kind: 'ready' })
  await ended.promise
  await client.query(`drop table ${schema}.${part}`)
  await client.end()
  process.exit(0)
} catch (error) {
  tell({ kind: 'failed', message: String(error) })
  process.exit(1)
}
