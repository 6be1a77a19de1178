import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  folder,
  goodEnds,
  loadstone,
  measureScript,
  scriptText,
  startTarget,
  type Summary,
} from './program.ts'

const bin = resolve(import.meta.dirname, '../src/cli/bin.js')

describe('results', () => {
  test('count every request the server saw, over several workers', async () => {
    const { url, counts } = await startTarget()
    const load = `{ users: 12, duration: '2s' }`
    const iteration = `await user.http.get('/a')
    await user.http.get('/b')
    await user.think('5ms')`
    const { summary } = await measureScript({ target: url, load, iteration }, ['-w', '3']).measured
    expect(summary.totals.requests).toBe(counts.total)
    expect(counts.total).toBeGreaterThan(100)
    const byName = Object.fromEntries(summary.requests.map(({ name, count }) => [name, count]))
    expect(byName).toEqual({ 'GET /a': counts.byPath.get('/a'), 'GET /b': counts.byPath.get('/b') })
  })

  test('an open model starts exactly what its rate says', async () => {
    const { url, counts } = await startTarget()
    const load = `{ rate: '100/s', duration: '2s' }`
    const iteration = `await user.http.get('/')`
    const { summary } = await measureScript({ target: url, load, iteration }, ['-w', '2']).measured
    expect([counts.total, summary.totals.requests]).toEqual([200, 200])
  })

  test('a fixed number of iterations is made exactly', async () => {
    const { url, counts } = await startTarget()
    const { summary } = await measureScript({ target: url }, ['-i', '37', '-u', '5', '-w', '2'])
      .measured
    expect([counts.total, summary.totals.iterations]).toEqual([37, 37])
  })

  test('a full disk is named, other files are written and the exit code is not 0', async () => {
    const { url } = await startTarget()
    const run = measureScript({ target: url }, ['--markdown', '/dev/full'])
    const { code, stderr } = await run.measured
    expect(stderr).toMatch(/--markdown: \/dev\/full could not be written: ENOSPC/)
    expect([2, 97]).toContain(code)
  })

  test('GITHUB_STEP_SUMMARY gets the Markdown', async () => {
    const { url } = await startTarget()
    const files = folder()
    const page = files.write('step.md', 'before\n')
    await measureScript({ target: url }, [], { env: { GITHUB_STEP_SUMMARY: page } }).measured
    expect(readFileSync(page, 'utf8')).toMatch(/^before\n[\s\S]*GET \//)
  })

  test('a reader that goes away does not end the run, and files are written', async () => {
    const { url } = await startTarget()
    const files = folder()
    const script = files.write('visitor.ts', scriptText({ target: url }))
    const json = join(files.path, 'result.json')
    const command = `"${process.execPath}" "${bin}" run "${script}" --json "${json}" | head -1`
    const shell = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
      env: { ...process.env, CI: '1', LOADSTONE_NO_STORE: '1' },
    })
    let stderr = ''
    shell.stderr.on('data', chunk => (stderr += String(chunk)))
    const code = await new Promise<number | null>(done => shell.on('close', done))
    expect(stderr).toBe('')
    expect(goodEnds).toContain(code)
    const summary = JSON.parse(readFileSync(json, 'utf8')) as Summary
    expect(summary.totals.requests).toBeGreaterThan(10)
  })

  test('a full disk under stdout does not end the run, and files are written', async () => {
    const { url } = await startTarget()
    const files = folder()
    const script = files.write('visitor.ts', scriptText({ target: url }))
    const json = join(files.path, 'result.json')
    const command = `"${process.execPath}" "${bin}" run "${script}" --json "${json}" > /dev/full`
    const shell = spawn('bash', ['-c', command], {
      env: { ...process.env, CI: '1', LOADSTONE_NO_STORE: '1' },
    })
    let stderr = ''
    shell.stderr.on('data', chunk => (stderr += String(chunk)))
    const code = await new Promise<number | null>(done => shell.on('close', done))
    expect(stderr).toMatch(/^error: standard output could not be written: ENOSPC.*\n$/)
    expect([2, 97]).toContain(code)
    const summary = JSON.parse(readFileSync(json, 'utf8')) as Summary
    expect(summary.totals.requests).toBeGreaterThan(10)
  })

  test('--quiet prints the summary and nothing else', async () => {
    const { url } = await startTarget()
    const { stdout } = await measureScript({ target: url }, ['--quiet']).measured
    expect(stdout).not.toContain('running')
    expect(stdout).toContain('Latency in ms')
  })

  test('colours come with FORCE_COLOR and go with NO_COLOR', async () => {
    const { url } = await startTarget()
    const escape = String.fromCharCode(27)
    const forced = { FORCE_COLOR: '1', NO_COLOR: '' }
    const coloured = await loadstone(['quick', url, '-i', '3'], { env: forced })
    expect(coloured.stdout).toContain(escape)
    const both = await loadstone(['quick', url, '-i', '3'], { env: { ...forced, NO_COLOR: '1' } })
    expect(both.stdout).not.toContain(escape)
  })
})

describe('what counts: flag, then environment, then script', () => {
  const load = `{ iterations: 3, users: 1 }`
  const cases = [
    { what: 'the script alone', flags: [], env: {}, iterations: 3 },
    {
      what: 'the environment over the script',
      flags: [],
      env: { LOADSTONE_ITERATIONS: '5' },
      iterations: 5,
    },
    {
      what: 'a flag over both',
      flags: ['-i', '7'],
      env: { LOADSTONE_ITERATIONS: '5' },
      iterations: 7,
    },
  ]
  test.each(cases)('$what', async ({ flags, env, iterations }) => {
    const { url } = await startTarget()
    const { summary } = await measureScript({ target: url, load }, flags, { env }).measured
    expect(summary.totals.iterations).toBe(iterations)
  })

  test('other names for flags work as people type them', async () => {
    const { url, counts } = await startTarget()
    const flags = ['--target', url, '--vus=2', '--run-time', '1s']
    const { summary } = await measureScript({ target: 'http://127.0.0.1:9' }, flags).measured
    expect(summary.totals.failures).toBe(0)
    expect(counts.total).toBeGreaterThan(0)
  })

  test('-e beats the env file, which beats the script', async () => {
    const { url, counts } = await startTarget()
    const files = folder()
    const file = files.write('values.env', 'A=file\nB=file\n')
    const iteration = `
    const { A, B, C } = user.env
    await user.http.get('/:a/:b/:c', { params: { a: A!, b: B!, c: C! } })`
    const plan = `env: { A: 'script', B: 'script', C: 'script' }`
    const flags = ['-i', '1', '--env-file', file, '-e', 'A=flag']
    await measureScript({ target: url, iteration, plan }, flags).measured
    expect([...counts.byPath.keys()]).toEqual(['/flag/file/script'])
  })

  test('a variable that looks like an option and is none is named', async () => {
    const { url } = await startTarget()
    const { stderr } = await loadstone(['quick', url, '-i', '1'], { env: { LOADSTONE_USER: '9' } })
    expect(stderr).toContain('LOADSTONE_USER is no option')
  })

  test('the same seed draws the same values', async () => {
    const paths = async () => {
      const { url, counts } = await startTarget()
      const iteration = `await user.http.get('/:n', { params: { n: user.random.int(1, 1e9) } })`
      const run = measureScript({ target: url, iteration }, ['--seed', '7', '-i', '5', '-u', '1'])
      expect((await run.measured).summary.run.seed).toBe(7)
      return [...counts.byPath.keys()]
    }
    expect(await paths()).toEqual(await paths())
  })
})

describe('quick', () => {
  test('asks for the URL as it is, with method, headers and body', async () => {
    const seen: string[] = []
    const { url } = await startTarget((request, response) => {
      let body = ''
      request.on('data', chunk => (body += String(chunk)))
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${String(request.headers['x-a'])} ${body}`)
        response.end()
      })
    })
    const flags = ['-i', '1', '-X', 'put', '--header', 'x-a: b', '--body', 'hi']
    const { stdout } = await loadstone(['quick', `${url}/a/b?c=:d&e=f`, ...flags])
    expect(seen).toEqual(['PUT /a/b?c=%3Ad&e=f b hi'])
    expect(stdout).toContain('PUT /a/b')
  })
})

describe('quick refuses, rather than change what was asked for,', () => {
  test('a socket without a URL', async () => {
    const { code, stderr } = await loadstone(['quick', 'unix:/run/app.sock'])
    expect([code, stderr]).toEqual([2, expect.stringContaining(`target: 'unix:/run/app.sock'`)])
  })

  test('a URL with a password', async () => {
    const { code, stderr } = await loadstone(['quick', 'http://me:secret@127.0.0.1:9/'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--header 'authorization: Basic/)])
    expect(stderr).not.toContain('secret')
  })
})

describe('check --once', () => {
  test('prints every exchange of one iteration of each scenario', async () => {
    const { url, counts } = await startTarget((request, response) => {
      response.writeHead(request.url === '/b' ? 404 : 200).end()
    })
    const iteration = `await user.http.get('/a'); await user.http.get('/b')`
    const script = folder().write('visitor.ts', scriptText({ target: url, iteration }))
    const { code, stdout } = await loadstone(['check', script, '--once'])
    expect(stdout).toMatch(/✓ 200 +GET \/a .*\n.*✗ 404 +GET \/b .*status 404/)
    expect(counts.total).toBe(2)
    expect(code).toBe(0)
  })

  test('a setup that throws is told and ends with 107', async () => {
    const { url, counts } = await startTarget()
    const plan = `async setup() { throw new Error('no tenant') },`
    const script = folder().write('visitor.ts', scriptText({ target: url, plan }))
    const { code, stdout } = await loadstone(['check', script, '--once'])
    expect([code, stdout]).toEqual([107, expect.stringMatching(/:\d+:\d+: Error: no tenant/)])
    expect(counts.total).toBe(0)
  })

  test('a script that throws ends with 107', async () => {
    const { url } = await startTarget()
    const iteration = `throw new Error('no')`
    const script = folder().write('visitor.ts', scriptText({ target: url, iteration }))
    const { code, stdout } = await loadstone(['check', script, '--once'])
    expect([code, stdout]).toEqual([107, expect.stringMatching(/visitor\.ts:8:\d+: Error: no/)])
  })
})

test('an old Node is told which one is needed', async () => {
  const old = '/usr/bin/node'
  if (!existsSync(old)) return
  const version = await new Promise<string>(done => {
    const child = spawn(old, ['--version'])
    child.stdout.on('data', chunk => done(String(chunk)))
  })
  if (Number(version.slice(1).split('.')[0]) >= 22) return
  const child = spawn(old, [bin, 'run', 'a.ts'])
  let stderr = ''
  child.stderr.on('data', chunk => (stderr += String(chunk)))
  const code = await new Promise<number | null>(done => child.on('close', done))
  expect([code, stderr]).toEqual([2, expect.stringMatching(/needs Node >= 22\.18, this is v\d+/)])
})
