import { afterEach, describe, expect, test, vi } from 'vitest'
import type { PeerAddresses } from '../../protocol.ts'
import { serviceSettings, type ServiceSettings } from '../settings.ts'
import { startTestServer } from '../test-server.ts'
import { ServiceMetrics } from '../telemetry/metrics.ts'
import { Peers } from './peers.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

function calling(origins: Record<string, string>, differing: Partial<ServiceSettings>) {
  const settings = serviceSettings({ callRetryPauseMs: 0, ...differing })
  const metrics = new ServiceMetrics('test')
  const addresses: PeerAddresses = Object.fromEntries(
    Object.entries(origins).map(([name, url]) => [name, { url }]),
  )
  const peers = new Peers({ addresses, settings, metrics })
  ends.push(() => peers.end())
  const get = (peer: string) => peers.send({ peer, method: 'GET', path: '/', headers: {} })
  const number = async (name: string) => {
    const all = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? []
    return all.reduce((sum, { value }) => sum + value, 0)
  }
  return { peers, settings, get, number }
}

describe('tries after a deadline that passed', () => {
  /** Never answers the first two. */
  const slowAtFirst = async () => {
    let asked = 0
    const url = await startTestServer((_, outgoing) => {
      asked += 1
      if (asked > 2) outgoing.end('there')
    })
    return { url, asked: () => asked }
  }

  test('are made when the settings say so', async () => {
    const { url, asked } = await slowAtFirst()
    const settings = { callTimeoutMs: 250, callRetries: 2, callRetryTimeouts: true }
    const { get, number } = calling({ slow: url }, settings)
    expect((await get('slow')).body.toString()).toBe('there')
    expect(asked()).toBe(3)
    expect(await number('http_client_retries_total')).toBe(2)
  })

  test('are not made otherwise, and never for what must not be done twice', async () => {
    const { url, asked } = await slowAtFirst()
    const { get, peers, settings } = calling({ slow: url }, { callTimeoutMs: 250, callRetries: 2 })
    await expect(get('slow')).rejects.toMatchObject({ status: 504, errorType: 'timeout' })
    settings.callRetryTimeouts = true
    const post = peers.send({ peer: 'slow', method: 'POST', path: '/', headers: {} })
    await expect(post).rejects.toMatchObject({ status: 504 })
    expect(asked()).toBe(2)
  })
})

describe('a limit for the calls to all services together', () => {
  const slowAndQuick = async (differing: Partial<ServiceSettings>) => {
    const held: (() => void)[] = []
    const slow = await startTestServer((_, outgoing) => held.push(() => outgoing.end('slow')))
    const quick = await startTestServer((_, outgoing) => void outgoing.end('quick'))
    return { held, ...calling({ slow, quick }, differing) }
  }

  test('makes calls to a quick one wait for those to a slow one', async () => {
    const { held, get, number } = await slowAndQuick({ callsAtOnceMax: 2 })
    const slow = [get('slow'), get('slow')]
    await vi.waitFor(() => expect(held).toHaveLength(2))
    const quick = get('quick')
    expect(await number('http_client_queued_requests')).toBe(1)
    held[0]!()
    expect((await quick).body.toString()).toBe('quick')
    held[1]!()
    await Promise.all(slow)
    expect(await number('http_client_queued_requests')).toBe(0)
  })

  test('a call whose turn does not come in time fails with 504', async () => {
    const { held, get, settings } = await slowAndQuick({ callsAtOnceMax: 1 })
    const slow = get('slow')
    await vi.waitFor(() => expect(held).toHaveLength(1))
    settings.callTimeoutMs = 20
    await expect(get('quick')).rejects.toMatchObject({
      ...{ status: 504, message: 'quick did not answer within 20 ms' },
    })
    held[0]!()
    expect((await slow).status).toBe(200)
    expect((await get('quick')).status).toBe(200)
  })
})

test('an answer is there when the network has brought it, unless it is too late', async () => {
  const url = await startTestServer((_, outgoing) => void outgoing.end('there'))
  const { get, settings } = calling({ far: url }, { networkDelayMs: 1, callTimeoutMs: 5_000 })
  expect((await get('far')).body.toString()).toBe('there')
  settings.networkDelayMs = 60_000
  settings.callTimeoutMs = 20
  await expect(get('far')).rejects.toMatchObject({ status: 504, errorType: 'timeout' })
})
