import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bareLoop, sessionLoop } from './http-session.ts'
import { measurePacing } from './pacing.ts'

/** The benches of single parts, which the owners of those parts run by hand. */
describe('the benches of single parts run and measure something', () => {
  const server = createServer((_, response) => response.end('loadstone '.repeat(20)))
  let url = ''

  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  test('a session', async () => {
    expect(await sessionLoop(url, 0.2)).toBeGreaterThan(0)
  })

  test('the client without session', async () => {
    expect(await bareLoop(`${url}/`, 0.2)).toBeGreaterThan(0)
  })

  test('pacing', async () => {
    const measured = await measurePacing(100, false, 2)
    expect(measured.started + measured.drops).toBe(200)
    expect(measured.p99Us).toBeGreaterThanOrEqual(measured.p50Us)
  })
})
