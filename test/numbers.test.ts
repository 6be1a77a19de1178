import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { folder, measured, measureScript, scriptText, start, startTarget } from './program.ts'

interface Counted {
  readonly run: { readonly tags: Readonly<Record<string, string>> }
  readonly totals: { readonly bytesIn: number; readonly bytesOut: number; iterations: number }
  readonly requests: readonly {
    readonly scenario: string
    readonly statuses: Readonly<Record<string, number>>
  }[]
  readonly steps: readonly { readonly name: string; readonly count: number }[]
  readonly checks: readonly { readonly passed: number; readonly failed: number }[]
}

describe('what three workers report together is what the target counted', () => {
  test.each([
    ['by users', `{ users: 10, duration: '1s' }`],
    ['by rate', `{ rate: '200/s', duration: '1s' }`],
  ])('%s', async (_, load) => {
    const sockets = new Set<Socket>()
    const statuses: Record<string, number> = {}
    let good = 0
    let count = 0
    const { url, server } = await startTarget((_request, response) => {
      count += 1
      const status = count % 3 === 0 ? 503 : 200
      statuses[status] = (statuses[status] ?? 0) + 1
      // A check does not look into an answer that has failed already.
      if (count % 2 === 0 && status === 200) good += 1
      response.writeHead(status).end('x'.repeat(10 + (count % 2)))
    })
    server.on('connection', (socket: Socket) => sockets.add(socket))
    const iteration = `const check = { even: r => r.text().length % 2 === 0 }
    await user.step('both', async () => {
      await user.http.get('/a', { check })
      await user.http.post('/b', { json: { id: user.id }, check })
    })
    if (${load.includes('users')}) await user.think('5ms')`
    const run = measureScript({ target: url, load, iteration }, ['-w', '3'])
    const summary = (await run.measured).summary as unknown as Counted
    const sum = (valueOf: (socket: Socket) => number) =>
      [...sockets].reduce((total, socket) => total + valueOf(socket), 0)
    expect(summary.totals).toMatchObject({
      ...{ requests: count, iterations: count / 2, failures: count - good },
      bytesIn: sum(socket => socket.bytesWritten),
      bytesOut: sum(socket => socket.bytesRead),
    })
    const reported: Record<string, number> = {}
    for (const request of summary.requests) {
      for (const [status, times] of Object.entries(request.statuses)) {
        reported[status] = (reported[status] ?? 0) + times
      }
    }
    expect(reported).toEqual(statuses)
    expect(summary.steps).toMatchObject([{ name: 'both', count: count / 2 }])
    const judged = summary.checks.map(({ passed, failed }) => passed + failed)
    expect(judged).toEqual([count / 2, count / 2])
    expect(summary.checks.reduce((passed, check) => passed + check.passed, 0)).toBe(good)
    expect(count).toBeGreaterThan(100)
  })
})

test('the same seed gives each user the same draws on any number of workers', async () => {
  const drawnOn = async (workers: string) => {
    const { url, counts } = await startTarget()
    const iteration = `await user.http.get('/:id/:n/:draw', {
      params: { id: user.id, n: user.iteration, draw: user.random.int(1, 1e9) },
    })
    await user.think('20ms')`
    const load = `{ users: 6, duration: '1s' }`
    await measureScript({ target: url, load, iteration }, ['--seed', '7', '-w', workers]).measured
    // How far a user gets is a matter of time; the first ten iterations fit into any second.
    return [...counts.byPath.keys()].filter(path => /^\/\d+\/\d\//.test(path)).sort()
  }
  const alone = await drawnOn('1')
  expect(alone).toHaveLength(60)
  expect(await drawnOn('3')).toEqual(alone)
})

test('--scenario runs one of several, --warm-up leaves out its start, --tag is kept', async () => {
  const { url, counts } = await startTarget()
  const files = folder()
  const before = `const other = scenario('other', {
    target: '${url}',
    load: { rate: '50/s', duration: '2s' },
    async iteration(user) { await user.http.get('/other') },
  })`
  const text = scriptText({ target: url, before }).replace('[visitor]', '[visitor, other]')
  const script = files.write('visitor.ts', text)
  const json = `${files.path}/result.json`
  const flags = ['--scenario', 'other', '--warm-up', '1s', '--tag', 'branch=main', '--json', json]
  const { summary } = await measured(start(['run', script, ...flags]), json)
  const { run, requests } = summary as unknown as Counted
  expect(Object.fromEntries(counts.byPath)).toEqual({ '/other': 100 })
  expect(requests.map(({ scenario }) => scenario)).toEqual(['other'])
  // One may end on the other side of the border, on a machine that is busy.
  expect([49, 50, 51]).toContain(summary.totals.iterations)
  expect(run.tags).toEqual({ branch: 'main' })
})
