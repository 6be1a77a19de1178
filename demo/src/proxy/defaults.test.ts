import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultPolicy, equalRouting, sidecarInboundPolicy } from './defaults.ts'
import { inboundTo, Stage } from './testing/stage.ts'

let stage: Stage
beforeEach(() => (stage = new Stage()))
afterEach(() => stage.end())

test('two layers of proxies call a service that fails three times, not nine', async () => {
  let calls = 0
  const { url } = await stage.server((_incoming, outgoing) => {
    calls += 1
    outgoing.writeHead(503).end()
  })
  const callee = await stage.proxy(inboundTo([url], sidecarInboundPolicy))
  const caller = await stage.proxy(
    {
      ...inboundTo([]),
      accessLog: true,
      outbound: { catalog: { url: callee.inboundUrl, policy: defaultPolicy } },
    },
    { service: 'cart' },
  )
  const answer = await stage.call(caller.outboundUrl, { headers: { host: 'catalog' } })
  expect(answer.status).toBe(503)
  expect(calls).toBe(3)
  expect(caller.log).toMatchObject([{ response_flags: 'URX' }])
})

test('equal routing gives each version one share', () => {
  expect(equalRouting(['a', 'b', 'a'])).toEqual({ weights: { a: 1, b: 1 } })
  expect(equalRouting([])).toEqual({ weights: {} })
})
