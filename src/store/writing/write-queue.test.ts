import { expect, test } from 'vitest'
import type { SqlDatabase } from '../sql/sql-database.ts'
import { WriteQueue } from './write-queue.ts'

/** A database that answers as the test says, and keeps what was written. */
function fakeDatabase(answer: () => Promise<void>) {
  const written: unknown[] = []
  const database: SqlDatabase = {
    ...{ bytesType: 'blob', name: 'runs.db' },
    rows: () => Promise.resolve([]),
    transaction: async work => {
      await answer()
      return work({
        rows: (_text, values = []) => {
          written.push(...values)
          return Promise.resolve([])
        },
      })
    },
    reclaim: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  return { database, written }
}

const write = (queue: WriteQueue, number: number, bytes = 1) =>
  queue.add(bytes, async sql => {
    await sql.rows('insert', [number])
  })
const upTo = (count: number) => [...Array(count).keys()]
/** Lets everything happen that can happen without waiting. */
const turn = () => new Promise(resolve => setImmediate(resolve))

test('a database that was away misses nothing, and its trouble is told once', async () => {
  let isAway = true
  const told: string[] = []
  const { database, written } = fakeDatabase(() =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(),
  )
  const queue = new WriteQueue(database, message => told.push(message))
  for (const number of upTo(100)) {
    if (number === 90) isAway = false
    write(queue, number)
    await turn()
  }
  await queue.end()
  queue.giveUp()
  expect(written).toEqual(upTo(100))
  expect(told).toEqual(['the store runs.db cannot be written: away; the run goes on'])
})

test('what waits is bounded; the rest is lost, counted, and told at the end', async () => {
  let let1: () => void = () => {}
  const told: string[] = []
  const stuck = new Promise<void>(resolve => (let1 = resolve))
  const { database, written } = fakeDatabase(() => stuck)
  const queue = new WriteQueue(database, message => told.push(message))
  for (const number of upTo(1010)) write(queue, number)
  write(queue, 2000, 100e6)
  let1()
  await queue.end()
  queue.giveUp()
  expect(written).toEqual(upTo(1000))
  expect(told).toEqual([
    'the store runs.db cannot be written: it is too slow; the run goes on',
    'the store runs.db misses 11 entries of this run',
  ])
})

test('there is always room for how a run ended', async () => {
  let isAway = true
  const { database, written } = fakeDatabase(() =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(),
  )
  const queue = new WriteQueue(database, () => {})
  for (const number of upTo(1010)) {
    write(queue, number)
    await turn()
  }
  isAway = false
  queue.addLast(async sql => {
    await sql.rows('insert', [5000])
  })
  await queue.end()
  queue.giveUp()
  expect([written.length, written.at(-1)]).toEqual([1001, 5000])
})

test('given up, what still waits is told as missing', async () => {
  const told: string[] = []
  const { database } = fakeDatabase(() => Promise.reject(new Error('gone')))
  const queue = new WriteQueue(database, message => told.push(message))
  for (const number of upTo(3)) write(queue, number)
  await queue.end()
  queue.giveUp()
  expect(told.at(-1)).toBe('the store runs.db misses 3 entries of this run')
})
