import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, goodEnds, loadstone, scriptText, start, startTarget } from './program.ts'

/** Runs keep what they measure, in the folder they are started in. */
const storing = (cwd: string) => ({ cwd, env: { LOADSTONE_NO_STORE: '0' } })

interface Listed {
  readonly id: string
  readonly state: string
  readonly requests: number
  readonly tags: Readonly<Record<string, string>>
}

async function listed(cwd: string, ...flags: string[]): Promise<Listed[]> {
  const { stdout } = await loadstone(['runs', '--json', ...flags], storing(cwd))
  return JSON.parse(stdout) as Listed[]
}

const formats = ['.json', '.xml', '.md', '.hgrm', '.hlog', '_stats.csv', '_stats_history.csv']
const fileFlags = (prefix: string) => [
  ...['--json', `${prefix}.json`, '--junit', `${prefix}.xml`, '--markdown', `${prefix}.md`],
  ...['--hdr', prefix, '--csv', prefix],
]

test('a run is kept by itself, and every file can be made again from the store', async () => {
  const target = await startTarget((request, response) => {
    response.statusCode = request.url === '/bad' ? 503 : 200
    response.end('{}')
  })
  const files = folder()
  const iteration = `
    await user.step('both', async () => {
      await user.http.get('/good', { check: { 'is small': answer => answer.text().length < 9 } })
      await user.http.get('/bad')
    })
    await user.think('5ms')`
  const load = `{ users: 3, duration: '2s' }`
  const plan = `thresholds: ['p95 < 10s', 'errors < 90%'], warmUp: '1s'`
  files.write('both.ts', scriptText({ target: target.url, iteration, load, plan }))
  const flags = ['--workers', '2', '--tag', 'branch=main', ...fileFlags('made')]
  const ran = await loadstone(['run', 'both.ts', ...flags], storing(files.path))
  expect(goodEnds).toContain(ran.code)

  const [run, ...others] = await listed(files.path, '--tag', 'branch=main')
  expect(others).toEqual([])
  expect(run).toMatchObject({ state: 'finished', tags: { branch: 'main' } })
  expect(await listed(files.path, '--tag', 'branch=other')).toEqual([])
  expect(ran.stdout).toContain(`kept; see it again: loadstone report ${run!.id}`)
  expect(readFileSync(join(files.path, '.loadstone', '.gitignore'), 'utf8')).toBe('*\n')

  const again = await loadstone(['report', 'last', ...fileFlags('again')], storing(files.path))
  expect([again.code, again.output]).toEqual([0, ''])
  const textOf = (name: string) => readFileSync(join(files.path, name), 'utf8')
  for (const format of formats) {
    expect([format, textOf(`again${format}`)]).toEqual([format, textOf(`made${format}`)])
  }
  const shown = await loadstone(['report', run!.id], storing(files.path))
  expect(ran.stdout).toContain(shown.stdout.trimEnd())

  const table = await loadstone(['runs'], storing(files.path))
  expect(table.stdout).toMatch(/^run +started +script +duration +requests +p95 ms +failed/)
  expect(table.stdout).toContain('branch=main')
  const deleted = await loadstone(['runs', 'delete', run!.id.slice(0, 15)], storing(files.path))
  expect([deleted.code, deleted.stdout]).toEqual([0, 'deleted 1 run\n'])
  const empty = await loadstone(['report', 'last'], storing(files.path))
  expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('the store is empty')])
})

test('a run that is killed can be seen as far as it came', async () => {
  const target = await startTarget()
  const files = folder()
  const args = ['quick', target.url, '--rate', '50/s', '-d', '60s']
  const program = start(args, storing(files.path))
  await program.saw('running')
  let seen: Listed | undefined
  while ((seen?.requests ?? 0) < 50) [seen] = await listed(files.path).catch(() => [])
  expect(seen?.state).toBe('running')
  const running = await loadstone(['runs', 'delete', 'last'], storing(files.path))
  expect([running.code, running.stderr]).toEqual([2, expect.stringContaining('still running')])
  program.child.kill('SIGKILL')
  await program.ended
  const [killed] = await listed(files.path)
  expect(killed?.state).toBe('crashed')
  expect(killed?.requests).toBeGreaterThanOrEqual(50)
  const { code, stdout } = await loadstone(['report', 'last'], storing(files.path))
  expect([code, stdout]).toEqual([0, expect.stringContaining('its process was killed')])
  const pruned = await loadstone(['runs', 'prune', '--older-than', '0s'], storing(files.path))
  expect(pruned.stdout).toBe(`deleted ${killed!.id}\n`)
})

test('without the usual store a run goes on; one that was asked for has to be there', async () => {
  const target = await startTarget()
  const files = folder()
  files.write('.loadstone', 'a file where the folder should be')
  const args = ['quick', target.url, '-i', '3', '-u', '1']
  const usual = await loadstone(args, storing(files.path))
  expect(goodEnds).toContain(usual.code)
  expect(usual.stderr).toMatch(/warning: this run is not kept: the store .*cannot be used/)
  expect(usual.stdout).not.toContain('see it again')
  const count = target.counts.total

  const asked = await loadstone([...args, '--store', '.loadstone'], storing(files.path))
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('is something else')])
  expect(target.counts.total).toBe(count)

  const elsewhere = await loadstone([...args, '--store', 'in/a/folder.db'], storing(files.path))
  expect(goodEnds).toContain(elsewhere.code)
  expect(elsewhere.stdout).toMatch(/loadstone report \S+ --store in\/a\/folder\.db/)
  expect(existsSync(join(files.path, 'in/a/folder.db'))).toBe(true)
})

test('without a store the commands say so, and prune wants a limit', async () => {
  const files = folder()
  for (const args of [['runs'], ['report', 'last'], ['runs', 'delete', 'last']]) {
    const { code, stderr } = await loadstone(args, storing(files.path))
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no store')])
  }
  const { code, stderr } = await loadstone(['runs', 'prune'], storing(files.path))
  expect([code, stderr]).toEqual([2, expect.stringContaining('--older-than 30d')])
  const nobody = await loadstone(['runs', 'delete'], storing(files.path))
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining("argument 'id'")])
})
