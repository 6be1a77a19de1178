import { describe, expect, test } from 'vitest'
import {
  folder,
  goodEnds,
  loadstone,
  measureScript,
  scriptText,
  startTarget,
  type Measured,
} from './program.ts'

/** A busy machine can make the generator the limit, which comes before a failed threshold. */
const failedEnd = ({ summary }: Measured) => (summary.validity.valid ? 99 : 97)

describe('how a run ends', () => {
  test('a failed threshold is 99', async () => {
    const { url } = await startTarget()
    const plan = `thresholds: ['max < 0.001ms', 'errors < 1%']`
    const measured = await measureScript({ target: url, plan }).measured
    const { code, output } = measured
    expect(output).toMatch(/✗ .*max < 0\.001ms/)
    expect(output).toMatch(/✓ .*errors < 1%/)
    expect(code).toBe(failedEnd(measured))
  })

  test('a threshold on a name that nobody asked for fails and names the nearest', async () => {
    const { url } = await startTarget()
    const plan = `thresholds: ['GET /orders: p95 < 1s']`
    const iteration = `await user.http.get('/order'); await user.think('20ms')`
    const measured = await measureScript({ target: url, plan, iteration }).measured
    expect(measured.output).toMatch(/did you mean "GET \/order"/)
    expect(measured.code).toBe(failedEnd(measured))
  })

  test('a threshold with abort ends the run early with 105', async () => {
    const { url } = await startTarget((_, response) => response.writeHead(500).end())
    const load = `{ users: 5, duration: '60s' }`
    const plan = `thresholds: ['errors < 10%, abort']`
    const { code, summary } = await measureScript({ target: url, load, plan }).measured
    expect([code, summary.run.endState]).toEqual([105, 'aborted'])
    expect(summary.run.endReason).toContain('errors < 10%, abort')
  })

  test('a public host is refused with 110 and what to do', async () => {
    const { code, stderr } = await loadstone(['quick', 'http://192.0.2.1/'])
    expect([code, stderr]).toEqual([110, expect.stringMatching(/--allow-host 192\.0\.2\.1/)])
  })

  test('a rate beyond the cap is refused with 110', async () => {
    const { url } = await startTarget()
    const { code, stderr } = await loadstone(['quick', url, '--rate', '300000/s'])
    expect([code, stderr]).toEqual([110, expect.stringMatching(/limit is 200000/)])
  })

  test('data that runs out makes the run invalid: 97', async () => {
    const { url } = await startTarget()
    const files = folder()
    files.write('people.csv', 'email\na@x\nb@x\nc@x\n')
    const more = `data: { people: csv('people.csv', { give: 'unique', per: 'iteration' }) },`
    const script = files.write('visitor.ts', scriptText({ target: url, more }))
    const { code, output } = await loadstone(['run', script])
    expect(output).toMatch(/Data ran out: visitor\/people/)
    expect(code).toBe(97)
  })

  test('a run in which nothing happened is invalid: 97', async () => {
    const { url } = await startTarget()
    const iteration = `await user.think('5s')`
    const plan = `stopTimeout: '100ms'`
    const { code, output } = await measureScript({ target: url, iteration, plan }).measured
    expect(output).toContain('Nothing was measured')
    expect(code).toBe(97)
  })

  test('an open model counts drops when the user limit is reached', async () => {
    const { url } = await startTarget((_, response) => void setTimeout(() => response.end(), 400))
    const load = `{ rate: '50/s', duration: '1s', maxUsers: 2 }`
    const iteration = `await user.http.get('/')`
    const { code, stdout } = await measureScript({ target: url, load, iteration }).measured
    expect(goodEnds).toContain(code)
    expect(stdout).toMatch(/\d+ dropped/)
    expect(stdout).not.toMatch(/ 0 dropped/)
  })
})
