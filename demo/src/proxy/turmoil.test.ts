import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { makeAuthority } from './authority.ts'
import { defaultPolicy } from './defaults.ts'
import { inboundTo, Stage } from './testing/stage.ts'

const act = fc.constantFrom('answer', 'fail', 'break', 'reset', 'garbage', 'part', 'never', 'early')
const caller = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  bodyBytes: fc.constantFrom(0, 10, 100_000),
  /** Leaves after so many turns of the event loop; null: waits for the answer. */
  leavesAfter: fc.option(fc.integer({ min: 0, max: 200 })),
})
const policy = fc.record({
  connectionsMax: fc.constantFrom(1, 3, 1_024),
  pendingMax: fc.constantFrom(0, 1, 2, 1_024),
  requestsMax: fc.constantFrom(1, 2, 1_024),
  requestsPerConnectionMax: fc.constantFrom(0, 1, 3),
  perTryTimeoutMs: fc.constantFrom(0, 10),
  requestTimeoutMs: fc.constantFrom(15, 40),
  retriesMax: fc.constantFrom(0, 2),
  retryMethods: fc.constantFrom(['GET'], ['GET', 'POST']),
  retryPauseMs: fc.constantFrom(0, 5),
})
const gauges = [
  'envoy_cluster_upstream_rq_active',
  'envoy_cluster_upstream_rq_pending_active',
  'envoy_http_downstream_rq_active',
]

test('whatever happens on both sides, nothing stays open and all is counted once', async () => {
  const authority = await makeAuthority()
  const certificates = [await authority.issue('cart'), await authority.issue('catalog')] as const
  const run = async (input: {
    acts: string[]
    callers: { method: string; bodyBytes: number; leavesAfter: number | null }[]
    policies: Partial<typeof defaultPolicy>[]
    mutualTls: boolean[]
  }) => {
    const stage = new Stage()
    let requests = 0
    const { url } = await stage.server((incoming, outgoing) => {
      const how = input.acts[requests++ % input.acts.length]
      if (how !== 'early') incoming.resume()
      if (how === 'answer' || how === 'early') outgoing.end('answer')
      if (how === 'fail') outgoing.writeHead(503).end('fail')
      if (how === 'break') incoming.socket.destroy()
      if (how === 'reset') incoming.socket.resetAndDestroy()
      if (how === 'garbage') incoming.socket.end('garbage\r\n\r\n')
      if (how === 'part') outgoing.writeHead(200).write('part')
    })
    const callee = await stage.proxy(inboundTo([url], input.policies[0]), {
      certificate: certificates[1],
    })
    const config = (index: number) => ({
      ...inboundTo([]),
      accessLog: true,
      mutualTls: input.mutualTls[index % input.mutualTls.length]!,
      outbound: {
        catalog: {
          url: callee.inboundUrl,
          policy: { ...defaultPolicy, ...input.policies[index % input.policies.length] },
        },
      },
    })
    const sidecar = await stage.proxy(config(0), { service: 'cart', certificate: certificates[0] })
    const port = Number(new URL(sidecar.outboundUrl).port)
    const calls = input.callers.map(async ({ method, bodyBytes, leavesAfter }, index) => {
      sidecar.proxy.configure(config(index))
      const body = Buffer.alloc(bodyBytes)
      const headers = { host: 'catalog' }
      if (leavesAfter === null) {
        const call = { method, headers, ...(bodyBytes > 0 ? { body } : {}) }
        await stage.call(sidecar.outboundUrl, call).catch(() => undefined)
        return
      }
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => socket.destroy())
      socket.write(`${method} / HTTP/1.1\r\nhost: catalog\r\ncontent-length: ${bodyBytes}\r\n\r\n`)
      socket.write(body.subarray(0, bodyBytes / 2))
      for (let turn = 0; turn < leavesAfter; turn += 1) await setImmediate()
      socket.destroy()
    })
    try {
      await Promise.all(calls)
      await vi.waitFor(
        async () => {
          for (const proxy of [sidecar, callee]) {
            for (const gauge of gauges)
              expect([gauge, await proxy.number(gauge)]).toEqual([gauge, 0])
            const total = await proxy.number('envoy_http_downstream_rq_total')
            expect(await proxy.number('istio_requests_total')).toBe(total)
            expect(proxy.log).toHaveLength(total)
          }
        },
        { timeout: 5_000, interval: 10 },
      )
    } finally {
      await stage.end()
    }
  }
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        acts: fc.array(act, { minLength: 1, maxLength: 6 }),
        callers: fc.array(caller, { minLength: 1, maxLength: 12 }),
        policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
        mutualTls: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      }),
      run,
    ),
    { numRuns: 20 },
  )
}, 60_000)
