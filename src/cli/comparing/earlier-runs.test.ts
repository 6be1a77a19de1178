import { expect, onTestFinished, test } from 'vitest'
import { recordedRun } from '../../report/testing/compared-runs.ts'
import { passedRun } from '../../report/testing/fixture.ts'
import { openStore, type RunStore } from '../../store/index.ts'
import { sqlitePlaces } from '../../store/testing/databases.ts'
import { newRun } from '../../store/testing/runs.ts'
import { runToRunIn } from './earlier-runs.ts'

async function freshStore(): Promise<RunStore> {
  const places = await sqlitePlaces()
  const store = await openStore(await places.fresh())
  onTestFinished(async () => {
    await store.close()
    await places.close()
  })
  return store
}

interface Kept {
  readonly script?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly valid?: boolean
}

/** Keeps a run of a minute whose p50 is about `factor` times that of the others. */
async function keep(store: RunStore, id: string, factor: number, kept: Kept = {}): Promise<void> {
  const { script = 'shop.ts', tags = {}, valid = true } = kept
  const order = Number(id.replace(/\D/g, ''))
  const startedAtUnixMs = 1_700_000_000_000 + order * 60_000
  const run = newRun(id, { startedAtUnixMs }, { script, tags, workers: 1 })
  const writer = await store.begin(run, message => expect(message).toBe(''))
  const meansUs = { 'GET /': 1000 * factor }
  for (const second of recordedRun({ id, seconds: 60, meansUs }).seconds) writer.append(second)
  const facts = { ...passedRun.run, id, script, tags, durationUs: 60_000_000 }
  const validity = { ...passedRun.validity, valid }
  await writer.end({ ...passedRun, run: facts, validity }, 'pass')
}

test('how runs differ is measured from pairs of like runs of the store, else assumed', async () => {
  const store = await freshStore()
  for (let i = 1; i <= 8; i++) await keep(store, `run-${i}`, i % 2 === 0 ? 1 : 3)
  const few = await runToRunIn(store, await store.find('last'))
  expect([few.pairs, few.runToRun.p50.deviation]).toEqual([0, 0.03])
  expect(few.words).toContain('there are 4')

  // What is not the same thing, or not to be trusted, makes no pair.
  await keep(store, 'run-9', 50, { script: 'other.ts' })
  await keep(store, 'run-10', 50, { tags: { branch: 'try' } })
  await keep(store, 'run-11', 50, { valid: false })
  await keep(store, 'run-12', 1)
  await keep(store, 'run-13', 3)
  const enough = await runToRunIn(store, await store.find('run-13'))
  expect(enough.pairs).toBe(5)
  // Medians of 5 ms + 0.69 and + 2.08: their logarithms are 0.22 apart, 0.22 / sqrt(2) a run.
  expect(enough.runToRun.p50.deviation).toBeGreaterThan(0.1)
  expect(enough.runToRun.p50.deviation).toBeLessThan(0.2)
})
