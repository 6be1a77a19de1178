/**
 * Lets pricing's table of rules grow by rules for goods that are no longer sold: nobody needs them,
 * and everybody reads them. At the end they are removed. Forked by the shop with its options.
 */
import pg from 'pg'
import type { DatabaseAddress } from '../../kit/data/database.ts'
import { actorOptions, onEnd, tell } from './actor.ts'

const { database, category, rules } = actorOptions<{
  readonly database: DatabaseAddress
  /** Of the rules that are added; no good is of it. */
  readonly category: string
  readonly rules: number
}>()

const table = 'shop_pricing.price_rules'
const ended = Promise.withResolvers<void>()
onEnd(() => ended.resolve())
try {
  const client = new pg.Client({ ...database, application_name: 'many-rules' })
  await client.connect()
  await client.query(
    `insert into ${table}
       select $1, 'JPY', 2 + number % 50, 1 + number % 90 from generate_series(1, $2) as number`,
    [category, rules],
  )
  tell({ kind: 'ready' })
  await ended.promise
  await client.query(`delete from ${table} where category = $1`, [category])
  // A scan would go on reading the empty pages.
  await client.query(`vacuum full ${table}`)
  await client.end()
  process.exit(0)
} catch (error) {
  tell({ kind: 'failed', message: String(error) })
  process.exit(1)
}
