import { afterEach, expect, test } from 'vitest'
import { ControlServer, type ControlRoute } from './server.ts'

const servers: ControlServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

async function serve(routes: ControlRoute[]): Promise<string> {
  const server = new ControlServer(routes)
  servers.push(server)
  return server.listen(0)
}

const echo: ControlRoute = {
  method: 'POST',
  path: '/echo/:name',
  handle: async ({ params, json }) => ({ status: 201, body: { ...params, ...(await json()) } }),
}

test('a route gets its parameters and its body; no body is an empty object', async () => {
  const url = await serve([echo])
  const answer = await fetch(`${url}/echo/a`, { method: 'POST', body: '{"b":[1]}' })
  expect([answer.status, await answer.json()]).toEqual([201, { name: 'a', b: [1] }])
  expect(await (await fetch(`${url}/echo/a`, { method: 'POST' })).json()).toEqual({ name: 'a' })
})

test('a text is sent as Prometheus reads it', async () => {
  const url = await serve([
    { method: 'GET', path: '/metrics', handle: () => ({ status: 200, body: 'up 1\n' }) },
  ])
  const answer = await fetch(`${url}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await answer.text()).toBe('up 1\n')
})

test('no JSON object, too large, unknown: each is refused with a problem document', async () => {
  const url = await serve([echo])
  const post = (body: string) => fetch(`${url}/echo/a`, { method: 'POST', body })
  for (const [body, status] of [
    ['{', 400],
    ['[1]', 400],
    [`"${'x'.repeat(100_000)}"`, 413],
  ] as const) {
    const answer = await post(body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, instance: '/echo/a' })
  }
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
  const other = await fetch(`${url}/echo/a`)
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST'])
})

test('a web page of another origin cannot set a fault', async () => {
  const url = await serve([echo])
  const headers = { 'sec-fetch-site': 'cross-site' }
  const answer = await fetch(`${url}/echo/a`, { method: 'POST', headers })
  expect(answer.status).toBe(403)
})
