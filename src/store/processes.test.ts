import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from './open-store.ts'
import { postgresPlaces, sqlitePlaces, type StorePlaces } from './testing/databases.ts'

const program = join(import.meta.dirname, 'testing/write-run.ts')

/** A process that stores a run; `before` is put in front of its command line in a shell. */
function startWriter(where: string, id: string, seconds: number, before = 'true') {
  const command = `${before}; exec "$0" "$@"`
  const args = [process.execPath, program, where, id, String(seconds)]
  const child = spawn('sh', ['-c', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  const waiting = new Set<() => void>()
  createInterface(child.stdout).on('line', line => {
    lines.push(line)
    for (const check of waiting) check()
  })
  const ended = once(child, 'close').then(() => ({ lines, errors }))
  const saw = (line: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => lines.includes(line) && resolve()
      waiting.add(check)
      check()
      void ended.then(() => reject(new Error(`ended without "${line}": ${errors}`)))
    })
  return { child, ended, saw, lines }
}

describe.each([
  ['SQLite', sqlitePlaces],
  ['PostgreSQL', postgresPlaces],
])('runs of other processes in %s', (_name, makePlaces) => {
  let places: StorePlaces
  beforeAll(async () => {
    places = await makePlaces()
  }, 60_000)
  afterAll(() => places.close(), 60_000)

  test.each([0, 13, 37])('killed after second %i, a run keeps all it said was stored', async at => {
    const where = await places.fresh()
    const writer = startWriter(where, 'killed', 100_000)
    await writer.saw(`stored ${at}`)
    writer.child.kill('SIGKILL')
    const { lines } = await writer.ended
    const said = Number(lines.at(-1)?.split(' ')[1])
    const store = await openStore(where)
    onTestFinished(() => store.close())
    const found = await store.find('killed')
    expect(found.seconds).toBeGreaterThan(said)
    expect(found.state).toBe('crashed')
    const seconds = await store.seconds('killed')
    expect(seconds.map(({ index }) => index)).toEqual([...Array(found.seconds).keys()])
    const summary = await store.summary('killed')
    expect(summary.totals.requests).toBe(found.seconds * 50)
    expect(summary.run.endReason).toContain('killed')
    const tens = await store.seconds('killed', { span: 10 })
    expect(tens.reduce((sum, one) => sum + one.seconds, 0)).toBe(found.seconds)
  })

  test('two at once both keep everything', async () => {
    const where = await places.fresh()
    const writers = ['left', 'right'].map(id => startWriter(where, id, 40))
    const ends = await Promise.all(writers.map(({ ended }) => ended))
    for (const { lines, errors } of ends) {
      expect([lines.at(-1), lines.filter(line => line.startsWith('trouble'))]).toEqual([
        'ended',
        [],
      ])
      expect(errors).toBe('')
    }
    const store = await openStore(where)
    onTestFinished(() => store.close())
    for (const id of ['left', 'right']) {
      expect(await store.seconds(id)).toHaveLength(40)
      expect((await store.find(id)).state).toBe('finished')
    }
  })
})

test('a disk that gets full is told once and at the end, and the run goes on', async () => {
  const places = await sqlitePlaces()
  onTestFinished(() => places.close())
  const where = await places.fresh()
  // Blocks of 512 bytes, or 1024 in some shells: no file may grow beyond a part of the run.
  const writer = startWriter(where, 'full', 200, 'ulimit -f 1024')
  const { lines, errors } = await writer.ended
  expect(errors).toBe('')
  expect(lines.at(-1)).toBe('ended')
  expect(lines.filter(line => line.startsWith('trouble'))).toEqual([
    expect.stringMatching(/cannot be written: .*; the run goes on/),
    expect.stringMatching(/misses \d+ entries of this run/),
  ])
  const store = await openStore(where)
  onTestFinished(() => store.close())
  const stored = await store.seconds('full')
  expect(stored.length).toBeGreaterThan(0)
  expect(stored.length).toBeLessThan(200)
})
