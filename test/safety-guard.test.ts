import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { folder, goodEnds, loadstone, measureScript, scriptText, startTarget } from './program.ts'

/** Should the guard fail, connections are told instead of made: no test sends abroad. */
const net = pathToFileURL(join(import.meta.dirname, 'fixtures', 'loopback-only.js')).href
const options = { env: { NODE_OPTIONS: `--import ${net}` } }
/** TEST-NET-3 (RFC 5737): nobody's address. */
const abroad = 'http://203.0.113.5/'
const load = `{ users: 2, duration: '60s' }`

/** Once with the words to type, and nothing left the machine. */
function expectRefused(output: string, host = '203.0.113.5') {
  expect(
    output.replace(/\s+/g, ' ').split(`--allow-host ${host} on the command line`),
  ).toHaveLength(2)
  expect(output).toContain('REFUSED')
  expect(output).not.toContain('LEFT THE MACHINE')
}

describe('a host beyond the targets', () => {
  test('asked for by a script ends the run with 110; what was measured is kept', async () => {
    const { url, counts } = await startTarget()
    const iteration = `
      await user.http.get('/')
      if (user.iteration === 2) await user.http.get('${abroad}')`
    const { code, output, summary } = await measureScript(
      { target: url, load, iteration },
      [],
      options,
    ).measured
    expectRefused(output)
    expect([code, summary.exitCode, summary.run.endState]).toEqual([110, 110, 'aborted'])
    expect(summary.run.endReason).toContain('refused to connect to 203.0.113.5')
    const [own, other] = ['GET /', `GET ${abroad}`].map(name =>
      summary.requests.find(request => request.name === name),
    )
    expect(own?.count).toBe(counts.total)
    expect(other?.errors.map(({ reason }) => reason)).toEqual(['refused by the safety guard'])
  })

  test('reached by a redirect ends the run with 110', async () => {
    const { url, counts } = await startTarget((_, response) =>
      response.writeHead(302, { location: abroad }).end(),
    )
    const run = measureScript(
      { target: url, load, iteration: `await user.http.get('/')` },
      [],
      options,
    )
    const { code, output, reasons } = await run.measured
    expectRefused(output)
    expect([code, reasons]).toEqual([110, ['refused by the safety guard']])
    expect(counts.total).toBeGreaterThan(0)
  })

  test('asked for by setup ends the run before any load', async () => {
    const { url, counts } = await startTarget()
    const plan = `setup: async ({ http }) => void (await http.get('${abroad}')),`
    const { code, output } = await measureScript({ target: url, load, plan }, [], options).measured
    expectRefused(output)
    expect([code, counts.total]).toEqual([110, 0])
  })

  test('is refused with every kind of connections, and by check --once', async () => {
    const { url } = await startTarget()
    const more = `connections: 'shared',`
    const texts = { target: url, load, more, iteration: `await user.http.get('${abroad}')` }
    const { code, output } = await measureScript(texts, [], options).measured
    expectRefused(output)
    const script = folder().write('visitor.ts', scriptText(texts))
    const once = await loadstone(['check', script, '--once'], options)
    expect([code, once.code]).toEqual([110, 110])
    expect(once.output).toMatch(
      /✗ –\s+GET http:\/\/203\.0\.113\.5\/ .* refused by the safety guard/,
    )
    expect(once.stderr.match(/--allow-host 203\.0\.113\.5/g)).toHaveLength(1)
  })

  test('is judged before a proxy is asked, and loaded through it when it is allowed', async () => {
    const seen: string[] = []
    const proxy = await startTarget((request, response) => {
      seen.push(request.url ?? '')
      response.end()
    })
    const env = { ...options.env, http_proxy: proxy.url }
    const iteration = `await user.http.get('${abroad}')`
    // A private target: loopback ones are asked without the proxy.
    const run = (flags: readonly string[]) =>
      measureScript(
        { target: 'http://10.1.2.3', load: `{ iterations: 1, users: 1 }`, iteration },
        flags,
        {
          env,
        },
      ).measured
    const refused = await run([])
    expectRefused(refused.output)
    expect([refused.code, seen]).toEqual([110, []])
    const allowed = await run(['--allow-host', '203.0.113.5'])
    expect(goodEnds).toContain(allowed.code)
    expect(seen).toEqual([abroad])
    expect(allowed.output).not.toContain('LEFT THE MACHINE')
  })
})
