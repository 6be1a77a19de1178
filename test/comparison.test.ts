import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, goodEnds, loadstone, scriptText, startTarget } from './program.ts'

/** A server whose own delay is nearly all of a latency: 40 to 59 ms, times `factor`. */
async function delayed(factor: number): Promise<string> {
  let state = 1
  const { url } = await startTarget((_, response) => {
    state = (state * 48_271) % 2_147_483_647
    // The delay is the server's work, not the test waiting for something.
    setTimeout(() => response.end('{}'), (40 + (state % 20)) * factor)
  })
  return url
}

interface Compared {
  readonly run: { readonly id: string }
  readonly exitCode: number
  readonly comparison: {
    readonly verdict: string
    readonly because: string
    readonly loads: { readonly matched: boolean }
  } | null
}

/** Tries of a run whose generator had too little of a busy machine: exit code 97. */
const triesMax = 5
const patiently = { timeout: 480_000 }

test('a baseline tells a slower server from the same one', patiently, async () => {
  const files = folder()
  const [usual, slow] = await Promise.all([delayed(1), delayed(1.5)])
  const load = `{ rate: '40/s', duration: '30s' }`
  files.write('shop.ts', scriptText({ target: usual, load, iteration: `await user.http.get('/')` }))
  const reading = (...args: string[]) =>
    loadstone([...args, '--store', 'runs.db'], { cwd: files.path })
  const textOf = (name: string) => readFileSync(join(files.path, name), 'utf8')
  const run = async (name: string, ...flags: string[]) => {
    const args = ['run', 'shop.ts', '--quiet', '--json', `${name}.json`, ...flags]
    let ended = await reading(...args)
    for (let tries = 1; ended.code === 97 && tries < triesMax; tries++) {
      ended = await reading(...args)
    }
    return { ...ended, json: JSON.parse(textOf(`${name}.json`)) as Compared }
  }
  const base = await run('base')
  expect([base.code, base.json.comparison]).toEqual([0, null])
  const against = ['--baseline', `runs.db#${base.json.run.id}`]

  const same = await run('same', ...against)
  const inFiles = ['--markdown', 'slow.md', '--junit', 'slow.xml']
  const slower = await run('slower', ...against, '--host', slow, ...inFiles)
  expect([same.code, same.json.exitCode]).toEqual([0, 0])
  expect(['equivalent', 'inconclusive']).toContain(same.json.comparison?.verdict)
  expect([slower.code, slower.json.exitCode]).toEqual([98, 98])
  expect(slower.json.comparison?.because).toMatch(/p\d\d is [345]\d % slower/)
  expect(slower.stdout).toMatch(/✗ REGRESSED {2}worse than the baseline/)
  expect(textOf('slow.md')).toContain('### ✗ Compared with the baseline: regressed')
  expect(textOf('slow.xml')).toMatch(/<testcase classname="comparison"[^>]*>\s*<failure/)

  const again = await reading('compare', base.json.run.id, slower.json.run.id)
  expect([again.code, again.stderr]).toEqual([98, ''])
  const report = await reading('report', slower.json.run.id)
  expect(report.stdout.replace(/\s+/g, ' ')).toContain('worse than the baseline: ')

  const short = await run('short', ...against, '--duration', '4s')
  expect([short.code, short.json.comparison?.verdict]).toEqual([0, 'inconclusive'])
  expect(short.json.comparison?.because).toContain('less than 20 seconds were measured')
  const strict = await run('strict', ...against, '--duration', '4s', '--strict')
  expect([strict.code, strict.json.exitCode]).toEqual([96, 96])
  const more = await run('more', ...against, '--duration', '5s', '--rate', '120/s')
  expect([more.code, more.json.comparison?.loads.matched]).toEqual([0, false])
  expect(more.json.comparison?.because).toMatch(/had \d+ % more load: [\d.]+ and [\d.]+ /)
})

test('a baseline that is not there is a mistake, told before any load is made', async () => {
  const target = await startTarget()
  const files = folder()
  files.write('shop.ts', scriptText({ target: target.url }))
  files.write('result.json', '{}')
  files.write('notes.db', 'no database')
  const codeOf = async (...flags: string[]) => {
    const args = ['run', 'shop.ts', '--log-level', 'debug', ...flags]
    const { code, stderr } = await loadstone(args, { cwd: files.path })
    return [code, /\(([A-Z_]+)\)/.exec(stderr)?.[1]]
  }
  expect(await codeOf('--baseline', 'missing/runs.db')).toEqual([2, 'BASELINE_FILE'])
  expect(await codeOf('--baseline', 'result.json')).toEqual([2, 'BASELINE_FORMAT'])
  expect(await codeOf('--baseline', 'notes.db#')).toEqual([2, 'BASELINE_RUN'])
  expect(await codeOf('--baseline', 'notes.db#last')).toEqual([2, 'STORE_UNUSABLE'])
  expect(await codeOf('--baseline', 'last')).toEqual([2, 'STORE_MISSING'])
  expect(target.counts.total).toBe(0)
})

test('a store without a run of the script warns, and fails only a strict reader', async () => {
  const target = await startTarget()
  const files = folder()
  files.write('one.ts', scriptText({ target: target.url }))
  files.write('two.ts', scriptText({ target: target.url }))
  const run = (script: string, ...flags: string[]) =>
    loadstone(['run', script, '--quiet', '--store', 'runs.db', ...flags], { cwd: files.path })
  expect(goodEnds).toContain((await run('one.ts')).code)
  const lenient = await run('two.ts', '--baseline', 'runs.db')
  expect(goodEnds).toContain(lenient.code)
  expect(lenient.stderr).toBe(
    'warning: nothing is compared: runs.db has no finished run of two.ts to compare with: ' +
      'it has finished runs of one.ts only; write runs.db#<run>\n',
  )
  expect([96, 97]).toContain((await run('two.ts', '--baseline', 'runs.db', '--strict')).code)
  const twice = await loadstone(['compare', 'last', 'last', '--store', 'runs.db'], {
    cwd: files.path,
  })
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('both sides are the run')])
  files.write('three.ts', scriptText({ target: target.url }))
  const strict = await run('three.ts', '--baseline', 'runs.db', '--strict')
  expect([strict.code, strict.stdout]).toEqual([2, ''])
})
