import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { decodeSecond, Histogram } from '../../metrics/index.ts'
import { windowsOf } from '../../metrics/testing/samples.ts'
import { measured, newRun, writeRun } from '../../store/testing/runs.ts'
import type { RunItem, RunPage, ServerInfo, StartOrder } from '../api.ts'
import { liveRun, startRig, type Rig } from '../testing/rig.ts'

let rig: Rig
afterEach(() => rig.close())

/** A finished run of one request a second. */
async function store(id: string, seconds: number, tags: Readonly<Record<string, string>> = {}) {
  const events = Array.from({ length: seconds }, (_, second) => ({
    ...({ type: 'sample', kind: 'request', name: 'GET /a' } as const),
    ...{ atUs: second * 1e6 + 5e5, latencyUs: 2000, delayUs: 0, failure: undefined },
  }))
  const run = newRun(id, {}, { workers: 1, tags })
  const made = measured(run, windowsOf(0, events, seconds * 1e6), seconds * 1e6)
  await writeRun(await rig.store.begin(run, message => expect.unreachable(message)), made)
  return made
}

/** Splits the frames of /seconds. */
function framesOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Uint8Array[] = []
  for (let offset = 0; offset < bytes.length;) {
    const length = view.getUint32(offset, true)
    frames.push(bytes.subarray(offset + 4, offset + 4 + length))
    offset += 4 + length
  }
  return frames
}

describe('stored runs', () => {
  test('are listed, read and deleted', async () => {
    rig = await startRig()
    await store('20260101-a', 3, { team: 'cart' })
    await store('20260102-b', 2)
    const list = (await rig.get('/api/runs')).json() as { runs: RunItem[] }
    expect(list.runs.map(({ id }) => id).sort()).toEqual(['20260101-a', '20260102-b'])
    const tagged = (await rig.get('/api/runs?tag=team=cart')).json() as { runs: RunItem[] }
    expect(tagged.runs).toMatchObject([
      { id: '20260101-a', state: 'finished', verdict: 'pass', requests: 3, durationUs: 3e6 },
    ])
    const latency = Buffer.from(tagged.runs[0]?.latency ?? '', 'base64')
    expect(Histogram.decode(latency).count).toBe(3)
    const page = (await rig.get('/api/runs/20260101')).json() as RunPage
    expect(page).toMatchObject({ item: { id: '20260101-a' }, steerable: false })
    expect(page.validity).not.toHaveProperty('startDelay')
    expect((await rig.send('DELETE', '/api/runs/20260101-a')).status).toBe(204)
    const gone = await rig.get('/api/runs/20260101-a')
    expect([gone.status, gone.json()]).toEqual([
      404,
      { error: expect.stringContaining('"20260101-a"') as unknown },
    ])
  })

  test('have a page without a look at their seconds; an older store has the same', async () => {
    rig = await startRig()
    await store('judged', 12)
    const summary = vi.spyOn(rig.store, 'summary')
    const eachSecond = vi.spyOn(rig.store, 'eachSecond')
    const page = async () => (await rig.get('/api/runs/judged')).json() as RunPage
    const told = await page()
    expect(told.validity.workers).toHaveLength(1)
    expect([summary, eachSecond].map(({ mock }) => mock.calls.length)).toEqual([0, 0])
    const file = new DatabaseSync(join(rig.folder, 'runs.db'))
    file.exec(`update runs set ended = json_remove(ended, '$.generator')`)
    file.close()
    expect(await page()).toEqual(told)
    expect(summary).toHaveBeenCalledOnce()
  })

  test('have their latency in the list also when they were killed', async () => {
    rig = await startRig()
    const run = newRun('killed', {}, { workers: 1, warmUpUs: 2e6 })
    const events = Array.from({ length: 65 }, (_, second) => ({
      ...({ type: 'sample', kind: 'request', name: 'GET /a' } as const),
      ...{ atUs: second * 1e6 + 5e5, latencyUs: 2000, delayUs: 0, failure: undefined },
    }))
    const writer = await rig.store.begin(run, message => expect.unreachable(message))
    const { seconds } = measured(run, windowsOf(0, events, 65e6), 65e6)
    const counted = async () => {
      const list = (await rig.get('/api/runs')).json() as { runs: RunItem[] }
      return Histogram.decode(Buffer.from(list.runs[0]?.latency ?? '', 'base64')).count
    }
    for (const second of seconds.slice(0, 5)) writer.append(second)
    await vi.waitFor(async () => expect(await counted()).toBe(3))
    for (const second of seconds.slice(5)) writer.append(second)
    await vi.waitFor(async () => expect(await counted()).toBe(63))
  })

  test('hand out their seconds, merged as asked', async () => {
    rig = await startRig()
    await store('long', 130)
    for (const [query, expected] of [
      ['', 130],
      ['?from=10&to=20', 10],
      ['?span=10', 13],
      ['?span=60', 3],
      ['?span=7', 19],
    ] as const) {
      const { bytes } = await rig.get(`/api/runs/long/seconds${query}`)
      const all = framesOf(bytes).map(decodeSecond)
      expect(all, query).toHaveLength(expected)
      const requests = all.flatMap(({ series }) => series).reduce((sum, one) => sum + one.count, 0)
      expect(requests, query).toBe(query === '?from=10&to=20' ? 10 : 130)
    }
    const plain = await rig.get('/api/runs/long/seconds')
    expect(plain.headers['cache-control']).toContain('max-age')
    const br = await rig.get('/api/runs/long/seconds', { 'accept-encoding': 'gzip, br' })
    expect(br.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(br.bytes)).toEqual(plain.bytes)
    const gz = await rig.get('/api/runs/long/seconds', { 'accept-encoding': 'gzip, br;q=0' })
    expect(gunzipSync(gz.bytes)).toEqual(plain.bytes)
    expect(gz.bytes.length).toBeLessThan(plain.bytes.length)
  })
})

describe('the run of this process', () => {
  test('has a page and a line in the list while it is not stored yet', async () => {
    rig = await startRig()
    const { live, run, second, end } = liveRun('own')
    rig.dashboard.show(live)
    live.attach(run)
    second(4)
    live.listeners.onScriptError('shop', 'a.ts:1:1: Error: no', 2)
    const page = (await rig.get('/api/runs/last')).json() as RunPage
    expect(page).toMatchObject({
      item: { id: 'own', state: 'running', requests: 4 },
      steerable: true,
      scriptErrors: [{ message: 'a.ts:1:1: Error: no', count: 2 }],
    })
    expect((await rig.get('/api/info')).json()).toMatchObject({ runningId: 'own', canStart: false })
    const list = (await rig.get('/api/runs')).json() as { runs: RunItem[] }
    expect(list.runs.map(({ id }) => id)).toEqual(['own'])
    const { bytes } = await rig.get('/api/runs/own/seconds')
    expect(framesOf(bytes).map(one => decodeSecond(one).index)).toEqual([0])
    expect((await rig.send('DELETE', '/api/runs/own')).status).toBe(409)
    end()
    const info = (await rig.get('/api/info')).json() as ServerInfo
    expect(info.runningId).toBeUndefined()
    expect(((await rig.get('/api/runs/own')).json() as RunPage).item.verdict).toBe('pass')
  })

  test('is steered', async () => {
    rig = await startRig()
    const { live, run, asked, end } = liveRun('own')
    rig.dashboard.show(live)
    live.attach(run)
    const send = (body: unknown) => rig.send('POST', '/api/runs/own/commands', { body })
    expect((await send({ kind: 'pause' })).status).toBe(409)
    live.listeners.onStart?.(1)
    for (const body of [
      { kind: 'users', delta: 10 },
      { kind: 'rate', factor: 1.5 },
      { kind: 'pause' },
      { kind: 'resume' },
      { kind: 'stop', how: 'graceful' },
    ]) {
      expect((await send(body)).status).toBe(204)
    }
    expect(asked).toEqual(['users 10', 'rate 1.5', 'pause', 'resume', 'stop graceful'])
    end()
    const { status, json } = await send({ kind: 'pause' })
    const error = expect.stringContaining('not under way') as unknown
    expect([status, json()]).toEqual([409, { error }])
  })

  test('wrong bodies change nothing and are explained', async () => {
    rig = await startRig()
    const { live, run, asked } = liveRun('own')
    rig.dashboard.show(live)
    live.attach(run)
    const path = '/api/runs/own/commands'
    for (const body of [
      '',
      'no json',
      '[]',
      'null',
      {},
      { kind: 'explode' },
      { kind: 'users' },
      { kind: 'users', delta: 1.5 },
      { kind: 'users', delta: '1' },
      { kind: 'rate', factor: 0 },
      { kind: 'rate', factor: -1 },
      { kind: 'stop', how: 'never' },
      { kind: 'pause', more: true },
      { kind: 'users', delta: 1, pad: 'x'.repeat(20_000) },
    ]) {
      const { status, json } = await rig.send('POST', path, { body })
      expect([status, json()], JSON.stringify(body)).toEqual([
        400,
        { error: expect.stringMatching(/\w+/) as unknown },
      ])
    }
    const headers = { 'content-type': 'text/plain' }
    const body = JSON.stringify({ kind: 'pause' })
    expect((await rig.send('POST', path, { body, headers })).status).toBe(400)
    expect(asked).toEqual([])
  })

  test('shows its numbers to Prometheus', async () => {
    rig = await startRig()
    expect((await rig.get('/metrics')).text).toBe('')
    const { live, second } = liveRun('own')
    rig.dashboard.show(live)
    second(4)
    second(5)
    const { text, headers } = await rig.get('/metrics')
    expect(headers['content-type']).toContain('text/plain; version=0.0.4')
    const samples = parsed(text)
    const labels = 'run_id="own",scenario="shop",name="GET /a",method="GET"'
    expect(samples.get(`loadstone_requests_total{${labels},status="200",outcome="ok"}`)).toBe(9)
    const duration = `loadstone_http_request_duration_seconds`
    expect(samples.get(`${duration}_bucket{${labels},outcome="ok",le="0.005"}`)).toBe(9)
    expect(samples.get(`${duration}_count{${labels},outcome="ok"}`)).toBe(9)
    expect(samples.get(`${duration}_sum{${labels},outcome="ok"}`)).toBeCloseTo(0.009, 6)
  })
})

describe('starting a run', () => {
  const starter = (start: (order: StartOrder) => Promise<string>) => ({
    scripts: () => Promise.resolve(['shop.ts']),
    start,
  })
  const post = (body: unknown) => rig.send('POST', '/api/runs', { body })

  test('takes the scripts that were found, one run at a time', async () => {
    const orders: StartOrder[] = []
    const { live } = liveRun('new')
    rig = await startRig({
      starter: starter(order => {
        orders.push(order)
        rig.dashboard.show(live)
        return Promise.resolve('new')
      }),
    })
    expect((await rig.get('/api/info')).json()).toMatchObject({
      canStart: true,
      scripts: ['shop.ts'],
    })
    const foreign = await post({ script: '../../etc/passwd' })
    expect([foreign.status, foreign.json()]).toEqual([
      400,
      { error: expect.stringContaining('no script "../../etc/passwd"') as unknown },
    ])
    const { status, json } = await post({ script: 'shop.ts', users: 3, duration: '5s' })
    expect([status, json()]).toEqual([201, { id: 'new' }])
    expect(orders).toEqual([{ script: 'shop.ts', users: 3, duration: '5s' }])
    const second = await post({ script: 'shop.ts' })
    expect([second.status, second.json()]).toEqual([
      409,
      { error: expect.stringContaining('a run is under way') as unknown },
    ])
  })

  test('says what is wrong in the words of the command line', async () => {
    const start = () =>
      Promise.reject(new UsageError('SCRIPT_BROKEN', 'shop.ts:3:1: no such thing'))
    rig = await startRig({ starter: starter(start) })
    const { status, json } = await post({ script: 'shop.ts' })
    expect([status, json()]).toEqual([400, { error: 'shop.ts:3:1: no such thing' }])
    expect((await post({ script: 'shop.ts', users: -1 })).status).toBe(400)
    expect((await post({ script: 'shop.ts', unknown: 1 })).status).toBe(400)
  })

  test('is refused where nothing can be started', async () => {
    rig = await startRig()
    expect((await post({ script: 'shop.ts' })).status).toBe(409)
  })
})

describe('the built page', () => {
  test('is served with its files and nothing else of the disk', async () => {
    rig = await startRig()
    const page = join(rig.folder, 'page')
    mkdirSync(join(page, 'assets'), { recursive: true })
    writeFileSync(join(page, 'index.html'), '<!doctype html><title>Loadstone</title>')
    writeFileSync(join(page, 'assets', 'app-0123abcd.js'), 'export {}')
    writeFileSync(join(rig.folder, 'secret.html'), 'secret')
    const index = await rig.get('/')
    expect([index.status, index.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(index.headers['cache-control']).toBe('no-cache')
    const script = await rig.get('/assets/app-0123abcd.js')
    expect(script.headers['cache-control']).toContain('immutable')
    for (const path of ['/../secret.html', '/%2e%2e/secret.html', '/..%2fsecret.html', '/%ff']) {
      const { status, text } = await rig.get(path)
      expect([status, text.includes('secret')], path).toEqual([404, false])
    }
    expect((await rig.get('/api/none')).json()).toEqual({ error: 'there is no /api/none' })
    expect((await rig.send('PUT', '/api/runs', { body: {} })).status).toBe(404)
  })

  test('says so when it is not built', async () => {
    rig = await startRig()
    expect((await rig.get('/')).text).toContain('has not been built')
  })
})

/** Samples of a Prometheus text by name and labels; throws on a line that is none. */
function parsed(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const match = /^([a-zA-Z_:][\w:]*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/.exec(line)
      if (match === null) throw new Error(`no sample: ${line}`)
      return [match[1] ?? '', Number(match[2])]
    }),
  )
}
