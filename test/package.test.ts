import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  dashboardOf,
  folder,
  goodEnds,
  loadstone,
  measured,
  scriptText,
  start,
  startTarget,
} from './program.ts'

const root = resolve(import.meta.dirname, '..')

/** The package as a user installs it: packed, unpacked, its dependencies beside it. */
function installed() {
  const files = folder()
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', files.path], {
    cwd: join(root, 'dist'),
    encoding: 'utf8',
  })
  execFileSync('tar', ['-xzf', join(files.path, packed.trim()), '-C', files.path])
  const home = join(files.path, 'package')
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  return { ...files, home, bin: join(home, 'cli/bin.js') }
}

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'build.ts')], { stdio: 'pipe' })
})

describe('the published package', () => {
  test('runs a script, by users and by rate, on several workers', async () => {
    const { bin, path, write } = installed()
    const { url, counts } = await startTarget()
    const json = join(path, 'result.json')
    const script = write('visitor.ts', scriptText({ target: url }))
    const byUsers = start(['run', script, '--json', json, '-w', '2'], { bin })
    const first = await measured(byUsers, json)
    expect(goodEnds).toContain(first.code)
    expect(first.summary.totals.requests).toBe(counts.total)
    const byRate = start(['run', script, '--json', json, '--rate', '50/s', '-d', '1s'], { bin })
    expect((await measured(byRate, json)).summary.totals.iterations).toBe(50)
  })

  test('names the line of a script that throws', async () => {
    const { bin, write } = installed()
    const { url } = await startTarget()
    const iteration = `throw new Error('no')`
    const script = write('visitor.ts', scriptText({ target: url, iteration }))
    const { code, output } = await loadstone(['run', script, '-i', '1'], { bin })
    expect([code, output]).toEqual([107, expect.stringMatching(/visitor\.ts:8:\d+: Error: no/)])
  })

  test('checks types against its own declarations', async () => {
    const { bin, write } = installed()
    const good = write('good.ts', scriptText({ target: 'http://127.0.0.1:9' }))
    const fine = await loadstone(['check', good], { bin })
    expect([fine.code, fine.stdout]).toEqual([0, expect.stringContaining('✓ types')])
    const iteration = `await user.http.get('/:id')`
    const wrong = write('wrong.ts', scriptText({ target: 'http://127.0.0.1:9', iteration }))
    const { code, stdout } = await loadstone(['check', wrong], { bin })
    expect([code, stdout]).toEqual([2, expect.stringMatching(/wrong\.ts:8:21: TS2554/)])
  })

  test('shows its dashboard, and compares two runs there', async () => {
    const { bin, path } = installed()
    const { url } = await startTarget()
    const runs = { bin, cwd: path }
    const store = ['--store', 'runs.db']
    const quick = ['quick', url, '-i', '5', ...store]
    for (const users of ['1', '2']) {
      const { code } = await loadstone([...quick, '-u', users], runs)
      expect(goodEnds).toContain(code)
    }
    const program = start(['ui', '--ui-port', '0', ...store], runs)
    const address = await dashboardOf(program)
    const page = await fetch(address)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<script')])
    const kept = await fetch(new URL('/api/runs', address))
    const { runs: list } = (await kept.json()) as { runs: readonly { id: string }[] }
    const ids = `base=${list[1]?.id}&candidate=${list[0]?.id}`
    const compared = await fetch(new URL(`/api/compare?${ids}`, address))
    expect([compared.status, await compared.json()]).toEqual([
      200,
      expect.objectContaining({ comparison: expect.anything() as unknown }),
    ])
    program.child.kill('SIGINT')
    expect((await program.ended).code).toBe(0)
  })

  test('says that the demo shop is in the repository', async () => {
    const { code, stderr } = await loadstone(['demo'], { bin: installed().bin })
    expect([code, stderr]).toEqual([2, expect.stringContaining('npm run demo')])
  })

  test('has no tests in it, and the version of the repository', () => {
    const { home } = installed()
    const list = execFileSync('find', ['.', '-type', 'f', '-not', '-path', './node_modules/*'], {
      cwd: home,
      encoding: 'utf8',
    })
    expect(list).not.toMatch(/\.test\.|\/testing\/|(?<!\.d)\.ts$/m)
    const versionIn = (place: string) =>
      (JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { version: string }).version
    expect(versionIn(home)).toBe(versionIn(root))
  })
})
