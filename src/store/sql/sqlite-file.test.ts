import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { windowsOf } from '../../metrics/testing/samples.ts'
import { openStore } from '../open-store.ts'
import { measured, newRun, writeRun } from '../testing/runs.ts'
import { migrate, storeVersion } from './migrations.ts'
import { openSqlite } from './sqlite.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'loadstone-sqlite-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const fixture = (version: number) =>
  join(import.meta.dirname, `../testing/fixtures/store-version-${version}.db`)
const never = (message: string) => expect.unreachable(message)

test.each(Array.from({ length: storeVersion }, (_, index) => index + 1))(
  'a file that version %i wrote is read with all it holds',
  async version => {
    const path = join(folder(), 'runs.db')
    copyFileSync(fixture(version), path)
    const store = await openStore(path)
    onTestFinished(() => store.close())
    const [run] = await store.runs()
    expect(run).toMatchObject({
      ...{ id: '20260101-000000-f1f1f1', state: 'finished', seconds: 3, requests: 6, failures: 1 },
      ...{ startedAtUnixMs: 1_767_225_600_000, marks: [{ atUs: 1e6, kind: 'stage', text: 'up' }] },
      end: { verdict: 'pass' },
    })
    const summary = await store.summary(run!.id)
    expect(summary.totals).toMatchObject({ requests: 6, failures: 1 })
    expect(summary.series.map(({ name }) => name)).toEqual(['GET /a', 'GET /b'])
  },
)

test('an older file gets what later versions added, once, and keeps its rows', async () => {
  const path = join(folder(), 'runs.db')
  copyFileSync(fixture(1), path)
  const steps = [
    () => ['create table never_made_again (a integer)'],
    () => ['alter table runs add column note text'],
  ]
  for (let time = 0; time < 2; time += 1) {
    const database = await openSqlite(path)
    await migrate(database, steps)
    expect(await database.rows('select id, note from runs')).toMatchObject([{ note: null }])
    expect(await database.rows('select version from loadstone_store')).toMatchObject([
      { version: 2 },
    ])
    await database.close()
  }
})

test('a file of a newer version is refused with words, and not changed', async () => {
  const path = join(folder(), 'runs.db')
  copyFileSync(fixture(1), path)
  const file = new DatabaseSync(path)
  file.exec('update loadstone_store set version = 99')
  file.close()
  await expect(openStore(path)).rejects.toMatchObject({
    code: 'STORE_NEWER',
    message: expect.stringContaining('newer Loadstone (version 99') as string,
  })
})

test('a file that is something else is refused with words', async () => {
  const path = join(folder(), 'runs.db')
  writeFileSync(path, 'garbage, garbage and more garbage, but no database at all')
  await expect(openStore(path)).rejects.toMatchObject({
    code: 'STORE_UNUSABLE',
    message: expect.stringContaining('move it away') as string,
  })
})

test('a database of another program is refused with words, and not changed', async () => {
  const path = join(folder(), 'bookmarks.db')
  const file = new DatabaseSync(path)
  file.exec('create table bookmarks (address text)')
  file.close()
  const before = readFileSync(path)
  await expect(openStore(path)).rejects.toMatchObject({
    code: 'STORE_UNUSABLE',
    message: expect.stringContaining('a database of another program') as string,
  })
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('an address of another kind of database is no path of a file', async () => {
  await expect(openStore('mysql://me:hush@db/runs')).rejects.toThrow(
    'the store mysql://***@db/runs is neither a file nor a postgres:// address',
  )
})

test('a file that is damaged is told with words', async () => {
  const path = join(folder(), 'runs.db')
  copyFileSync(fixture(1), path)
  const store = await openStore(path)
  onTestFinished(() => store.close())
  const file = new DatabaseSync(path)
  file.exec(`update seconds set data = x'00'`)
  const damaged = { code: 'STORE_FAILED', message: expect.stringContaining('is damaged') as string }
  await expect(store.summary('20260101-000000-f1f1f1')).rejects.toMatchObject(damaged)
  file.exec('drop table seconds')
  file.close()
  await expect(store.delete(['20260101-000000-f1f1f1'])).rejects.toMatchObject({
    code: 'STORE_FAILED',
  })
})

test('a file that another process is writing is opened and read at once', async () => {
  const path = join(folder(), 'runs.db')
  copyFileSync(fixture(1), path)
  await (await openStore(path)).close()
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  other.exec('begin immediate')
  const store = await openStore(path)
  expect(await store.runs()).toHaveLength(1)
  await store.close()
  other.exec('commit')
})

test.skipIf(process.getuid?.() === 0)('a file that may only be read is read', async () => {
  const path = join(folder(), 'runs.db')
  copyFileSync(fixture(1), path)
  chmodSync(path, 0o400)
  const store = await openStore(path)
  onTestFinished(() => store.close())
  expect(await store.runs()).toHaveLength(1)
  const run = newRun('new', {}, { workers: 1 })
  await expect(store.begin(run, never)).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

test('a place that cannot be written is refused with words', async () => {
  const path = folder()
  writeFileSync(join(path, 'file'), '')
  await expect(openStore(join(path, 'file', 'runs.db'))).rejects.toThrow(/--no-store/)
  await expect(openStore(path)).rejects.toThrow(/cannot be used/)
})

test.skipIf(process.getuid?.() === 0)('a folder without rights is refused with words', async () => {
  const path = join(folder(), 'closed')
  mkdirSync(path, { mode: 0o500 })
  await expect(openStore(join(path, 'runs.db'))).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
})

test('a store that has to be there is not made', async () => {
  const path = join(folder(), 'runs.db')
  await expect(openStore(path, { mustExist: true })).rejects.toMatchObject({
    code: 'STORE_MISSING',
  })
  expect(statSync(path, { throwIfNoEntry: false })).toBe(undefined)
})

test('deleting a run makes the file smaller', async () => {
  const path = join(folder(), 'runs.db')
  const store = await openStore(path)
  onTestFinished(() => store.close())
  const events = Array.from({ length: 60 * 40 }, (_, number) => ({
    ...({ type: 'sample', kind: 'request', name: `GET /${number % 40}` } as const),
    ...{ atUs: Math.floor(number / 40) * 1e6 + number, latencyUs: (number * 7919) % 90_000 },
    ...{ delayUs: 0, failure: undefined },
  }))
  const run = newRun('large', {}, { workers: 1 })
  const made = measured(run, windowsOf(0, events, 60e6), 60e6)
  await writeRun(await store.begin(run, never), made)
  expect(await store.delete(['nobody'])).toBe(0)
  const small = await store.begin(newRun('small'), never)
  await small.end(measured(newRun('small'), [], 0).summary, 'pass')
  const { storedBytes } = await store.find('large')
  const before = statSync(path).size
  await store.delete(['large'])
  expect(storedBytes).toBeGreaterThan(50_000)
  expect(statSync(path).size).toBeLessThan(Math.max(before, storedBytes) / 2)
})

test('statements of others do not fall into an open transaction', async () => {
  const path = join(folder(), 'runs.db')
  const database = await openSqlite(path)
  onTestFinished(() => database.close())
  await database.rows('create table notes (word text)')
  const failing = database.transaction(async sql => {
    await sql.rows('insert into notes (word) values ($1)', ['inside'])
    await Promise.resolve()
    throw new Error('rolled back')
  })
  const outside = database.rows('insert into notes (word) values ($1)', ['outside'])
  await expect(failing).rejects.toThrow('rolled back')
  await outside
  expect(await database.rows('select word from notes')).toMatchObject([{ word: 'outside' }])
})

test('a file that another process holds locked is waited for, and this one goes on', async () => {
  const path = join(folder(), 'runs.db')
  const database = await openSqlite(path)
  onTestFinished(() => database.close())
  await database.rows('create table notes (word text)')
  const other = new DatabaseSync(path)
  other.exec('begin immediate')
  const written = database.transaction(sql => sql.rows(`insert into notes (word) values ('late')`))
  // The event loop turns meanwhile, or this would never be reached.
  await new Promise(resolve => setImmediate(resolve))
  other.exec('commit')
  other.close()
  await written
  expect(await database.rows('select word from notes')).toMatchObject([{ word: 'late' }])
})
