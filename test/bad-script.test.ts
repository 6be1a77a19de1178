import { describe, expect, test } from 'vitest'
import { goodEnds, measureScript, startTarget } from './program.ts'

describe('a script with a fault', () => {
  test('that throws fails the iteration, shows its own place and ends with 107', async () => {
    const { url, counts } = await startTarget()
    const iteration = `await user.http.get('/')
    await user.think('20ms')
    const price: any = undefined
    price.toFixed(2)`
    const { code, summary, output } = await measureScript({ target: url, iteration }).measured
    expect(output).toMatch(/visitor\.ts:11:\d+: TypeError: Cannot read properties of undefined/)
    expect(code).toBe(107)
    expect(summary.scriptErrors[0]?.count).toBe(summary.totals.iterations)
    expect(summary.totals.requests).toBe(counts.total)
    expect(counts.total).toBeGreaterThan(5)
  })

  test('that awaits what never comes is cut off and said to be', async () => {
    const { url } = await startTarget()
    const iteration = `await user.http.get('/'); await new Promise(() => {})`
    const plan = `stopTimeout: '200ms'`
    const run = measureScript({ target: url, iteration, plan })
    const { code, summary } = await run.measured
    expect(goodEnds).toContain(code)
    expect(summary.totals.requests).toBe(1)
    expect(summary.warnings.join()).toMatch(/1 iteration was still running .* cut off/)
  })

  test('that leaks a promise is told where, and the run goes on', async () => {
    const { url } = await startTarget()
    const iteration = `void user.http.get('/a').then(() => { throw new Error('leaked') })
    await user.http.get('/b')
    await user.think('20ms')`
    const { code, summary } = await measureScript({ target: url, iteration }).measured
    expect(code).toBe(107)
    expect(summary.scriptErrors[0]?.message).toMatch(
      /visitor\.ts:8:\d+: Error: leaked \(thrown where nothing awaited it\)/,
    )
    expect(summary.totals.iterations).toBeGreaterThan(5)
  })

  test('that calls after its end is told so', async () => {
    const { url } = await startTarget()
    const iteration = `await user.http.get('/'); await user.think('20ms')`
    const more = `async onStop(user) { setTimeout(() => void user.http.get('/late'), 200) },`
    const slow = `async teardown() { await new Promise(r => setTimeout(r, 800)) },`
    const { code, summary } = await measureScript({ target: url, iteration, more, plan: slow })
      .measured
    expect(code).toBe(107)
    expect(summary.scriptErrors[0]?.message).toMatch(/visitor\.ts:\d+:\d+: /)
  })

  test('that ends its own process loses the worker, not what it measured', async () => {
    const { url, counts } = await startTarget()
    const iteration = `await user.http.get('/'); await user.think('20ms')
    if (user.iteration === 20) process.exit(3)`
    const { code, summary, output } = await measureScript({ target: url, iteration }).measured
    expect(code).toBe(97)
    expect(output).toMatch(/worker 0 is lost: .*does the script end its process/)
    expect(summary.totals.requests).toBe(counts.total)
    expect(counts.total).toBe(21)
  })

  test('that blocks its worker forever is ended in time, and the other is heard', async () => {
    const { url, counts } = await startTarget()
    const iteration = `await user.http.get('/'); await user.think('20ms')
    if (user.id === 0 && user.iteration === 10) for (;;);`
    const load = `{ users: 2, duration: '1s' }`
    const plan = `workers: 2, stopTimeout: '200ms'`
    const { code, summary } = await measureScript({ target: url, load, iteration, plan }).measured
    expect(code).toBe(107)
    expect(summary.scriptErrors[0]?.message).toMatch(/the script blocked worker 0/)
    expect(summary.totals.requests).toBeGreaterThan(10)
    expect(summary.totals.requests).toBeLessThanOrEqual(counts.total)
  })

  test('that fills the memory loses the worker, and the run ends', async () => {
    const { url } = await startTarget()
    const iteration = `await user.http.get('/')
    const heap: unknown[] = []
    for (;;) heap.push(new Array(100000).fill({ a: heap.length }))`
    const env = { NODE_OPTIONS: '--max-old-space-size=64' }
    const run = measureScript({ target: url, iteration, plan: `stopTimeout: '200ms'` }, [], { env })
    const { code, output } = await run.measured
    expect(code).toBe(97)
    expect(output).toMatch(/worker 0 is lost: .*memory/)
  })

  test('whose top level leaks a failure is warned, not taken for a bug of ours', async () => {
    const { url } = await startTarget()
    const before = `setTimeout(() => { throw new Error('stray') }, 10)`
    const { code, output } = await measureScript({ target: url, before }).measured
    expect(output).toMatch(/visitor\.ts:2:\d+: Error: stray/)
    expect(output).not.toContain('internal error')
    expect(code).toBe(107)
  })

  test('that prints does not disturb what we print', async () => {
    const { url } = await startTarget()
    const iteration = `console.log('hello from', user.id)
    await user.http.get('/')
    await user.think('200ms')`
    const { code, stdout } = await measureScript({ target: url, iteration }).measured
    expect(goodEnds).toContain(code)
    expect(stdout).toMatch(/^hello from 0$/m)
  })

  test('whose setup throws starts nothing', async () => {
    const { url, counts } = await startTarget()
    const plan = `
      async setup() { throw new Error('no tenant') },
      async teardown({ http }) { await http.get('/t') },`
    const { code, summary, output } = await measureScript({ target: url, plan }).measured
    expect(code).toBe(107)
    expect(output).toMatch(/visitor\.ts:\d+:\d+: Error: no tenant/)
    expect([summary.totals.requests, counts.total]).toEqual([0, 0])
  })
})
