import { readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { decodeSecond } from '../src/metrics/index.ts'
import type { RunItem, RunPage } from '../src/server/index.ts'
import { follow, type HeardEvent } from '../src/server/testing/follow.ts'
import {
  dashboardOf,
  folder,
  goodEnds,
  runScript,
  scriptText,
  start,
  startTarget,
} from './program.ts'

const post = (url: URL | string, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const secondsOf = (heard: readonly HeardEvent[]) =>
  heard
    .filter(({ event }) => event === 'second')
    .map(({ data }) => decodeSecond(Buffer.from(String(data), 'base64')))
const marksOf = (heard: readonly HeardEvent[]) =>
  heard.filter(({ event }) => event === 'mark').map(({ data }) => (data as { text: string }).text)

/** `loadstone ui` in a folder with these scripts. */
async function openUi(scripts: Readonly<Record<string, string>>) {
  const files = folder()
  for (const [name, text] of Object.entries(scripts)) files.write(name, text)
  const program = start(['ui', '--ui-port', '0'], { cwd: files.path })
  const address = await dashboardOf(program)
  const page = async <T>(path: string): Promise<T> =>
    (await (await fetch(new URL(path, address))).json()) as T
  return { files, program, address, page, at: (path: string) => new URL(path, address) }
}

describe('loadstone ui', () => {
  test('starts, steers and stops a run, keeps it, and ends with Ctrl-C', async () => {
    const { url, counts } = await startTarget()
    const load = `{ rate: '10/s', duration: '60s', maxUsers: 20 }`
    const iteration = `await user.http.get('/')`
    const { program, page, at, address } = await openUi({
      'visitor.ts': scriptText({ target: url, load, iteration }),
      'other.ts': 'export const nothing = 1',
    })
    expect(await page('/api/info')).toMatchObject({ canStart: true, scripts: ['visitor.ts'] })
    const started = await post(at('/api/runs'), { script: 'visitor.ts' })
    expect(started.status).toBe(201)
    const { id } = (await started.json()) as { id: string }
    const client = await follow(Number(address.port), `/api/runs/${id}/live?after=-1`)
    await client.until(heard => secondsOf(heard).length >= 1)
    const command = (body: unknown) => post(at(`/api/runs/${id}/commands`), body)
    expect((await command({ kind: 'rate', factor: 5 })).status).toBe(204)
    const refused = await command({ kind: 'users', delta: 5 })
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: expect.stringContaining('no scenario of this run is by users') as unknown },
    ])
    expect((await post(at('/api/runs'), { script: 'visitor.ts' })).status).toBe(409)
    await client.until(heard =>
      secondsOf(heard).some(({ scenarios }) => (scenarios[0]?.iterationsStarted ?? 0) >= 45),
    )
    expect((await command({ kind: 'stop', how: 'graceful' })).status).toBe(204)
    await client.ended
    expect(marksOf(client.heard)).toEqual(['rate to 500 % by hand', 'stopped by hand'])
    const { item, marks } = await page<RunPage>(`/api/runs/${id}`)
    expect(item).toMatchObject({ state: 'aborted', verdict: 'aborted', requests: counts.total })
    expect(marks).toHaveLength(2)
    const requests = secondsOf(client.heard).flatMap(({ series }) => series)
    expect(requests.reduce((sum, one) => sum + one.count, 0)).toBe(counts.total)
    program.child.kill('SIGINT')
    expect((await program.ended).code).toBe(0)
  })

  test('shows a run that another process makes, and what is wrong with a script', async () => {
    const { url } = await startTarget()
    const load = `{ users: 1, duration: '3s' }`
    const { files, page, at, address } = await openUi({
      'visitor.ts': scriptText({ target: url, load }),
      'broken.ts': `import { scenario } from 'loadstone'\nexport default scenario('x', {})`,
    })
    const store = ['--store', `${files.path}/.loadstone/runs.db`]
    const env = { LOADSTONE_NO_STORE: '' }
    const other = start(['run', `${files.path}/visitor.ts`, ...store], { env })
    await other.saw('0:01')
    const { runs } = await page<{ runs: RunItem[] }>('/api/runs')
    expect(runs).toMatchObject([{ state: 'running' }])
    const path = `/api/runs/${runs[0]?.id}/live?after=-1`
    const client = await follow(Number(address.port), path)
    const command = await post(at(`/api/runs/${runs[0]?.id}/commands`), { kind: 'pause' })
    expect(command.status).toBe(409)
    await client.ended
    expect(goodEnds).toContain((await other.ended).code)
    const indexes = secondsOf(client.heard).map(({ index }) => index)
    expect(indexes).toEqual(indexes.map((_, i) => i))
    expect(indexes.length).toBeGreaterThanOrEqual(3)
    const broken = await post(at('/api/runs'), { script: 'broken.ts' })
    const onCommandLine = await start(['run', 'broken.ts'], { cwd: files.path }).ended
    const { error } = (await broken.json()) as { error: string }
    expect([broken.status, onCommandLine.stderr.trim()]).toEqual([400, `error: ${error}`])
  })

  test('one that is killed leaves its run to the next one', async () => {
    const { url } = await startTarget()
    const load = `{ users: 1, duration: '60s' }`
    const first = await openUi({ 'visitor.ts': scriptText({ target: url, load }) })
    const started = await post(first.at('/api/runs'), { script: 'visitor.ts' })
    const { id } = (await started.json()) as { id: string }
    const path = `/api/runs/${id}/live`
    const client = await follow(Number(first.address.port), `${path}?after=-1`)
    await client.until(heard => secondsOf(heard).length >= 2)
    first.program.child.kill('SIGKILL')
    await client.ended
    const second = start(['ui', '--ui-port', '0'], { cwd: first.files.path })
    const { port } = await dashboardOf(second)
    const lastId = client.heard.findLast(one => one.id !== undefined)?.id ?? ''
    const again = await follow(Number(port), path, { 'last-event-id': lastId })
    await again.ended
    expect(again.heard.at(-1)?.event).toBe('ended')
    const told = [...secondsOf(client.heard), ...secondsOf(again.heard)].map(({ index }) => index)
    expect(told).toEqual(told.map((_, i) => i))
  })
})

describe('run --ui', () => {
  test('kept nowhere, has a temporary store that goes away with it', async () => {
    const { url } = await startTarget()
    const load = `{ rate: '20/s', duration: '60s' }`
    const temporary = folder()
    const stores = () => readdirSync(temporary.path).filter(name => name.startsWith('loadstone-'))
    const run = runScript({ target: url, load }, ['--ui', '0'], {
      env: { TMPDIR: temporary.path, LOADSTONE_NO_STORE: '1' },
    })
    const address = await dashboardOf(run)
    await run.saw('running')
    const client = await follow(Number(address.port), '/api/runs/last/live?after=-1')
    await client.until(heard => secondsOf(heard).length >= 2)
    expect(stores()).toHaveLength(1)
    const [store = ''] = stores()
    expect(statSync(join(temporary.path, store)).mode & 0o077).toBe(0)
    expect(readdirSync(join(temporary.path, store))).toContain('run.db')
    run.child.kill('SIGINT')
    const { stdout, stderr } = await run.ended
    expect(stdout + stderr).not.toContain('kept')
    expect(stores()).toEqual([])
  })

  test('shows the run while it lasts, and ends with it', async () => {
    const { url } = await startTarget()
    const load = `{ users: 1, duration: '3s' }`
    const run = runScript({ target: url, load }, ['--ui', '0'])
    const address = await dashboardOf(run)
    await run.saw('running')
    const page = (await (await fetch(new URL('/api/runs/last', address))).json()) as RunPage
    expect(page).toMatchObject({ item: { state: 'running' }, steerable: true })
    const client = await follow(Number(address.port), '/api/runs/last/live?after=-1')
    const metrics = await (await fetch(new URL('/metrics', address))).text()
    expect(metrics).toContain('loadstone_run_info{')
    await client.ended
    // Whoever saw the end has time to read what it came to.
    const last = (await (await fetch(new URL('/api/runs/last', address))).json()) as RunPage
    expect(last.item.state).toBe('finished')
    expect(goodEnds).toContain((await run.ended).code)
    await expect(fetch(address)).rejects.toThrow()
  })

  test('before the script is no port; one that is taken is told before any load', async () => {
    const { url, counts } = await startTarget()
    const taken = createServer()
    await new Promise<void>(done => taken.listen(0, '127.0.0.1', done))
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    const refused = await runScript({ target: url }, ['--ui', String(port)]).ended
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining(`port ${port} on 127.0.0.1 is taken`),
    ])
    const open = await runScript({ target: url }, ['--ui', '0', '--ui-host', '0.0.0.0']).ended
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining('give --ui-token')])
    expect(counts.total).toBe(0)
    const files = folder()
    const script = files.write('visitor.ts', scriptText({ target: url }))
    const run = start(['run', '--ui', script])
    await dashboardOf(run)
    expect(goodEnds).toContain((await run.ended).code)
  })

  test('a token opens it, and is not printed by the pages', async () => {
    const { url } = await startTarget()
    const load = `{ users: 1, duration: '60s' }`
    const env = { LOADSTONE_UI_TOKEN: 'a-token-of-enough-letters' }
    const run = runScript({ target: url, load }, ['--ui', '0'], { env })
    let text = ''
    run.child.stderr?.on('data', chunk => (text += String(chunk)))
    await run.saw('?token=')
    await run.saw('0:01')
    const [, address = ''] = /dashboard: (http:\S+)/.exec(text) ?? []
    expect((await fetch(new URL('/api/runs', address))).status).toBe(401)
    const opened = await fetch(address, { redirect: 'manual' })
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/'])
    const [cookie = ''] = opened.headers.getSetCookie()
    const signedIn = { headers: { cookie: cookie.split(';')[0] ?? '' } }
    expect((await fetch(new URL('/api/runs', address), signedIn)).status).toBe(200)
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(105)
  })
})
