import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KnownStatements } from './statement.ts'

const summaryOf = (sql: string) => {
  const { operation, summary } = new KnownStatements().of(sql)
  return [operation, summary]
}

test('a statement is named after what it does to which tables', () => {
  const expected = [
    ['select a, b from prices where sku = $1', 'select', 'select prices'],
    ['select 1', 'select', 'select'],
    ['SELECT p.id FROM products p JOIN stock s USING (sku)', 'select', 'SELECT products stock'],
    ['insert into carts (id) values ($1) returning id', 'insert', 'insert carts'],
    ['insert into a select x from b', 'insert', 'insert a select b'],
    ['update stock set left_count = 1 where sku = $1', 'update', 'update stock'],
    ['delete from cart_items where cart_id = $1', 'delete', 'delete cart_items'],
    ['select id from jobs for update skip locked', 'select', 'select jobs'],
    ['select n from generate_series(1, 3) as n', 'select', 'select'],
    ['select a from t where b is distinct from c', 'select', 'select t'],
    [`select 'from nowhere' from t -- join comment`, 'select', 'select t'],
    ['set statement_timeout = 5', 'set', 'set'],
    ['', '', ''],
  ]
  expect(expected.map(([sql = '']) => [sql, ...summaryOf(sql)])).toEqual(expected)
})

test('a statement that takes rows and then writes them is a write', () => {
  const sql = `with next as (select id from queue where state = 'ready' for update)
    update queue as message set state = 'leased' from next where message.id = next.id`
  expect(summaryOf(sql)).toEqual(['update', 'select queue update queue next'])
  const upsert = `insert into carts (id) values ($1) on conflict (id) do update set seen = now()`
  expect(summaryOf(upsert)).toEqual(['insert', 'insert carts'])
})

test('each text is described once and has a name of its own', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 40 }), texts => {
      const known = new KnownStatements()
      const first = texts.map(text => known.of(text))
      const again = texts.map(text => known.of(text))
      expect(again.every((statement, index) => statement === first[index])).toBe(true)
      expect(new Set(first.map(statement => statement.name)).size).toBe(new Set(texts).size)
      for (const [index, { text, summary }] of first.entries()) {
        expect(text).toBe(texts[index])
        expect(summary.length).toBeLessThanOrEqual(255)
      }
    }),
  )
})
