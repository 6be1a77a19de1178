import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { goodEnds, measureScript, startTarget, type ScenarioTexts } from './program.ts'

const fixtures = join(import.meta.dirname, 'fixtures')

/** One request every 50 ms for a second, each answered or given up within 300 ms. */
const gently: Omit<ScenarioTexts, 'target'> = {
  iteration: `await user.http.get('/', { timeout: '300ms' }); await user.think('50ms')`,
  plan: `stopTimeout: '2s'`,
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => new Promise<void>(closed => void server.close(() => closed())))
  return (server.address() as AddressInfo).port
}

/** A server that does with each connection what the test wants. */
async function rawTarget(onRequest: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', () => onRequest(socket))
  })
  onTestFinished(() => sockets.forEach(socket => socket.destroy()))
  return `http://127.0.0.1:${await listen(server)}`
}

const closedPort = async () => {
  const server = createServer()
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise<void>(closed => server.close(() => closed()))
  return port
}

async function expiredTls(): Promise<number> {
  const server = createTlsServer(
    {
      cert: readFileSync(join(fixtures, 'expired.crt')),
      key: readFileSync(join(fixtures, 'expired.key')),
    },
    (_, response) => response.end('hello'),
  )
  return listen(server)
}

async function failures(target: string, texts: Omit<ScenarioTexts, 'target'> = {}) {
  const { code, summary, reasons } = await measureScript({ target, ...gently, ...texts }).measured
  expect(goodEnds).toContain(code)
  expect(summary.run.endState).toBe('finished')
  expect(summary.totals.requests).toBeGreaterThan(0)
  expect(summary.totals.failures).toBe(summary.totals.requests)
  return reasons
}

const reply = (text: string) => (socket: Socket) => void socket.write(text)

describe('a target that cannot be spoken to is counted by reason, and the run ends', () => {
  test('a port where nobody listens', async () => {
    expect(await failures(`http://127.0.0.1:${await closedPort()}`)).toEqual(['connection refused'])
  })

  test('a name that does not resolve', async () => {
    const iteration = `await user.http.get('/', { timeout: '5s' }); await user.think('50ms')`
    const plan = `stopTimeout: '6s'`
    const reasons = await failures('http://nowhere.invalid', { iteration, plan })
    expect(reasons.join()).toMatch(/name not resolved|name lookup/)
  })

  test('TLS spoken to a plain port', async () => {
    const { port } = await startTarget()
    expect((await failures(`https://127.0.0.1:${port}`)).join()).toMatch(/^tls: /)
  })

  test('plain text spoken to a TLS port', async () => {
    expect(await failures(`http://127.0.0.1:${await expiredTls()}`)).toHaveLength(1)
  })

  test('an expired certificate', async () => {
    const more = `tls: { ca: ${JSON.stringify(join(fixtures, 'expired.crt'))} },`
    const reasons = await failures(`https://127.0.0.1:${await expiredTls()}`, { more })
    expect(reasons).toEqual(['tls: certificate has expired'])
  })

  test('-k accepts an expired certificate', async () => {
    const target = `https://127.0.0.1:${await expiredTls()}`
    const { summary } = await measureScript({ target, ...gently }, ['-k']).measured
    expect(summary.totals.failures).toBe(0)
    expect(summary.totals.requests).toBeGreaterThan(0)
  })

  test('a server that answers nothing', async () => {
    expect(await failures(await rawTarget(() => {}))).toEqual(['timeout'])
  })

  test('a server that closes early', async () => {
    const half = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'
    const target = await rawTarget(socket => void socket.end(half))
    expect(await failures(target)).toEqual(['closed early'])
  })

  test('a server that stalls in the middle of a body', async () => {
    const target = await rawTarget(reply('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))
    expect(await failures(target)).toEqual(['timeout'])
  })

  test('a server that sends garbage', async () => {
    const target = await rawTarget(reply('\u0000\u0001 what is this\r\n\r\n'))
    expect((await failures(target)).join()).toMatch(/^invalid answer/)
  })

  test('a server that resets connections', async () => {
    const target = await rawTarget(socket => void socket.resetAndDestroy())
    expect((await failures(target)).join()).toMatch(/connection reset|closed early/)
  })

  test('every kind of wrong answer in one run: each has its reason, the next is good', async () => {
    const ok = 'HTTP/1.1 200 OK\r\n'
    const megabyte = 'x'.repeat(1e6)
    const headers = Array.from({ length: 10_000 }, (_, i) => `x-${i}: y\r\n`).join('')
    const answers: Record<
      string,
      readonly [text: string, reason: string | undefined, more?: string]
    > = {
      'no length': [`${ok}\r\nhello`, undefined],
      'two answers': [
        `${ok}content-length: 2\r\n\r\nhi${ok}content-length: 2\r\n\r\nno`,
        undefined,
      ],
      '10,000 headers': [`${ok}${headers}content-length: 2\r\n\r\nhi`, undefined],
      'a 100 MB header': [`${ok}x: `, 'head too large', megabyte],
      'a 2 GB body': [`${ok}content-length: 2000000000\r\n\r\n`, 'body too large', megabyte],
      'chunks without end': [
        ...([`${ok}transfer-encoding: chunked\r\n\r\n`, 'body too large'] as const),
        `f4240\r\n${megabyte}\r\n`,
      ],
      'a chunk size': [
        `${ok}transfer-encoding: chunked\r\n\r\nxyz\r\nhi\r\n`,
        'invalid answer: chunk size',
      ],
      'two lengths': [
        `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\nhi!`,
        'invalid answer: two lengths',
      ],
    }
    const kinds = Object.keys(answers)
    const server = createServer(socket => {
      socket.on('error', () => socket.destroy())
      socket.on('data', data => {
        const kind = kinds[Number(/^GET \/kind\/(\d+) /.exec(data.toString('latin1'))?.[1])]
        const [text, , more] = answers[kind ?? ''] ?? [`${ok}content-length: 4\r\n\r\ngood`]
        const pour = () => {
          while (!socket.destroyed && more !== undefined && socket.write(more));
        }
        socket.on('drain', pour)
        socket.write(text)
        if (kind === 'no length') socket.end()
        pour()
      })
    })
    const target = `http://127.0.0.1:${await listen(server)}`
    const iteration = `for (const [at, kind] of ${JSON.stringify(kinds)}.entries()) {
      await user.http.get('/kind/:at', { params: { at }, name: kind })
      await user.http.get('/good', { name: 'good', check: r => r.text() === 'good' || r.text() })
    }`
    const run = measureScript({ target, iteration }, ['-i', '1', '-u', '1'])
    const { code, summary } = await run.measured
    expect(goodEnds).toContain(code)
    const reasons = summary.requests.map(({ name, errors }) => [name, errors[0]?.reason] as const)
    expect(Object.fromEntries(reasons)).toEqual({
      good: undefined,
      ...Object.fromEntries(kinds.map(kind => [kind, answers[kind]?.[1]])),
    })
  })

  test('answers with a status that was not expected', async () => {
    const { url } = await startTarget((_, response) => response.writeHead(503).end())
    expect(await failures(url)).toEqual(['status 503'])
  })
})
