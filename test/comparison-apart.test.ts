import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordedRun } from '../src/report/testing/compared-runs.ts'
import { passedRun } from '../src/report/testing/fixture.ts'
import { openStore } from '../src/store/index.ts'
import { newRun } from '../src/store/testing/runs.ts'
import { dashboardOf, folder, loadstone, start } from './program.ts'

const names = 300
const seconds = 100
/** Far fewer than are answered while so many names are compared. */
const questions = 10

async function keepLargeRuns(path: string, ids: readonly string[]): Promise<void> {
  const meansUs = Object.fromEntries(
    Array.from({ length: names }, (_, name) => [`GET /${name}`, 5000 + 100 * (name % 30)]),
  )
  const store = await openStore(path)
  for (const id of ids) {
    const run = newRun(id, {}, { script: 'shop.ts', tags: {}, workers: 1 })
    const writer = await store.begin(run, message => expect.unreachable(message))
    const made = recordedRun({ id, seconds, meansUs, perSecond: 20 })
    for (const second of made.seconds) writer.append(second)
    const facts = { ...passedRun.run, id, script: 'shop.ts', tags: {}, durationUs: seconds * 1e6 }
    const validity = { ...passedRun.validity, valid: true }
    await writer.end({ ...passedRun, run: facts, validity }, 'pass')
  }
  await store.close()
}

test('large runs are compared while the server answers, and as the command does', async () => {
  const files = folder()
  await keepLargeRuns(`${files.path}/runs.db`, ['base', 'candidate'])
  const program = start(['ui', '--ui-port', '0', '--store', 'runs.db'], { cwd: files.path })
  const address = await dashboardOf(program)
  const at = (path: string) => new URL(path, address)
  const compared = at('/api/compare?base=base&candidate=candidate')

  const answered: string[] = []
  const comparison = fetch(compared).then(async answer => {
    answered.push('comparison')
    return (await answer.json()) as { because: string; comparison: { names: unknown[] } }
  })
  for (let question = 0; question < questions; question++) {
    await (await fetch(at('/api/runs'))).json()
    answered.push('runs')
  }
  const { because, comparison: found } = await comparison
  expect(answered).toEqual([...Array<string>(questions).fill('runs'), 'comparison'])
  expect(found.names).toHaveLength(names)
  const places = ['--store', 'runs.db', '--json', 'compared.json']
  const command = await loadstone(['compare', 'base', 'candidate', ...places], { cwd: files.path })
  expect(command.code).toBe(0)
  expect(JSON.parse(readFileSync(join(files.path, 'compared.json'), 'utf8'))).toMatchObject({
    because,
  })

  // Who leaves takes the comparison along: the next one need not wait for it.
  const leaving = get(compared)
  leaving.on('error', () => undefined)
  await (await fetch(at('/api/runs'))).json()
  leaving.destroy()
  expect((await fetch(at('/api/compare?base=base&candidate=nobody'))).status).toBe(404)
  program.child.kill('SIGINT')
  const { code, stderr } = await program.ended
  expect([code, stderr.split('\n').length]).toEqual([0, 3])
})
