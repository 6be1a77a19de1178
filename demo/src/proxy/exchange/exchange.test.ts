import type { RequestListener } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ClusterPolicy, RetryOn } from '../contract.ts'
import { heldRequests, inboundTo, Stage } from '../testing/stage.ts'

const rq = (name: string) => `envoy_cluster_upstream_rq_${name}`

/** Answers with these statuses in turn, the last one again and again; 0 closes the connection. */
function inTurn(...statuses: number[]): { readonly listener: RequestListener; calls: number } {
  const state = {
    calls: 0,
    listener: ((incoming, outgoing) => {
      const status = statuses[Math.min(state.calls, statuses.length - 1)]!
      state.calls += 1
      if (status === 0) incoming.socket.destroy()
      else
        outgoing.writeHead(status).end(`try ${String(incoming.headers['x-envoy-attempt-count'])}`)
    }) satisfies RequestListener,
  }
  return state
}

describe('a failed request', () => {
  let stage: Stage
  beforeEach(() => (stage = new Stage()))
  afterEach(() => stage.end())

  const never: Partial<ClusterPolicy> = { retriesMax: 0 }

  test('without a connection is 503 with UF', async () => {
    const proxy = await stage.proxy(inboundTo([await stage.nowhere()], never))
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer).toMatchObject({
      status: 503,
      body:
        'upstream connect error or disconnect/reset before headers. ' +
        'reset reason: remote connection failure',
    })
    expect(proxy.log).toMatchObject([{ response_code: 503, response_flags: 'UF' }])
    expect(await proxy.number('envoy_cluster_upstream_cx_connect_fail')).toBe(1)
    expect(await proxy.number(rq('pending_failure_eject'))).toBe(1)
    expect(await proxy.number(rq('total'))).toBe(0)
    expect(await proxy.number(rq('xx'), { envoy_response_code_class: '5' })).toBe(1)
  })

  test('whose connection takes too long is 503 with UF, and counted as that', async () => {
    // Nobody accepts: the handshake of TLS, which the proxy wants here, is never answered.
    const url = await stage.socketServer(() => undefined)
    const { makeAuthority } = await import('../authority.ts')
    const certificate = await (await makeAuthority()).issue('cart')
    const config = inboundTo([])
    const policy = { ...config.inbound.policy, ...never, connectTimeoutMs: 20 }
    const outbound = { catalog: { url, policy } }
    const proxy = await stage.proxy(
      { ...config, mutualTls: true, outbound },
      { service: 'cart', certificate },
    )
    const answer = await stage.call(proxy.outboundUrl, { headers: { host: 'catalog' } })
    expect(answer.body).toMatch(/reset reason: connection timeout$/)
    expect(proxy.log).toMatchObject([{ response_flags: 'UF' }])
    expect(await proxy.number('envoy_cluster_upstream_cx_connect_timeout')).toBe(1)
    expect(await proxy.number('envoy_cluster_upstream_cx_connect_fail')).toBe(1)
  })

  test('whose connection ends before an answer is 503 with UC', async () => {
    const { url } = await stage.server(inTurn(0).listener)
    const proxy = await stage.proxy(inboundTo([url], never))
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer.body).toMatch(/reset reason: connection termination$/)
    expect(proxy.log).toMatchObject([{ response_code: 503, response_flags: 'UC' }])
    expect(await proxy.number(rq('rx_reset'))).toBe(1)
  })

  test('whose connection is reset before an answer is 503 with UR', async () => {
    const url = await stage.socketServer(socket => {
      socket.once('data', () => socket.resetAndDestroy())
    })
    const proxy = await stage.proxy(inboundTo([url], never))
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer).toMatchObject({ status: 503 })
    expect(proxy.log).toMatchObject([{ response_flags: 'UR' }])
  })

  test('that takes longer than requestTimeoutMs is 504 with UT, and is aborted', async () => {
    const held = heldRequests()
    const { url } = await stage.server(held.listener)
    const proxy = await stage.proxy(inboundTo([url], { ...never, requestTimeoutMs: 150 }))
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer).toMatchObject({ status: 504, body: 'upstream request timeout' })
    expect(proxy.log).toMatchObject([{ response_flags: 'UT' }])
    expect(await proxy.number(rq('timeout'))).toBe(1)
    await vi.waitFor(() => expect(held.waiting[0]!.outgoing.destroyed).toBe(true))
  })

  test('whose answer has begun when its time is over breaks off with UT', async () => {
    const { url } = await stage.server((_incoming, outgoing) => void outgoing.write('part'))
    // Long enough for the answer to begin on a busy machine.
    const proxy = await stage.proxy(inboundTo([url], { requestTimeoutMs: 1_000 }))
    await expect(stage.call(proxy.inboundUrl)).rejects.toThrow()
    expect(proxy.log).toMatchObject([{ response_code: 200, response_flags: 'UT' }])
  })

  test('without an endpoint is 503 with UH', async () => {
    const proxy = await stage.proxy(inboundTo([]))
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer).toMatchObject({ status: 503, body: 'no healthy upstream' })
    expect(proxy.log).toMatchObject([{ response_flags: 'UH' }])
    expect(await proxy.number('envoy_cluster_upstream_cx_none_healthy')).toBe(1)
  })

  test('for a service that is not there is 404 with NR', async () => {
    const proxy = await stage.proxy(inboundTo([]))
    const answer = await stage.call(proxy.outboundUrl, { headers: { host: 'nobody' } })
    expect(answer).toMatchObject({ status: 404, headers: { server: 'shop-proxy' } })
    expect(proxy.log).toMatchObject([{ response_flags: 'NR', authority: 'nobody' }])
  })

  test('beyond the rate is 429 with RL, until tokens have come', async () => {
    const { url } = await stage.server(inTurn(200).listener)
    const config = inboundTo([url])
    const proxy = await stage.proxy({
      ...config,
      inbound: { ...config.inbound, requestsPerSecondMax: 2 },
    })
    const statuses = async (count: number) => {
      const answers = []
      for (let call = 0; call < count; call += 1) answers.push(await stage.call(proxy.inboundUrl))
      return answers
    }
    const answers = await statuses(3)
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 429])
    expect(answers[2]).toMatchObject({
      body: 'local_rate_limited',
      headers: { 'x-envoy-ratelimited': 'true' },
    })
    expect(proxy.log[2]).toMatchObject({ response_flags: 'RL' })
    proxy.advance(500)
    expect((await statuses(2)).map(answer => answer.status)).toEqual([200, 429])
    const limit = 'envoy_http_local_rate_limit_'
    expect(await proxy.number(`${limit}rate_limited`)).toBe(2)
    expect(await proxy.number(`${limit}ok`)).toBe(3)
  })
})

describe('further tries', () => {
  let stage: Stage
  beforeEach(() => (stage = new Stage()))
  afterEach(() => stage.end())

  const withOne = async (statuses: number[], policy: Partial<ClusterPolicy>) => {
    const turns = inTurn(...statuses)
    const { url } = await stage.server(turns.listener)
    return { turns, proxy: await stage.proxy(inboundTo([url], policy)) }
  }

  test.each<[RetryOn, number, boolean]>([
    ['gateway-error', 502, true],
    ['gateway-error', 503, true],
    ['gateway-error', 504, true],
    ['gateway-error', 500, false],
    ['gateway-error', 0, true],
    ['5xx', 500, true],
    ['5xx', 0, true],
    ['5xx', 404, false],
    ['reset', 0, true],
    ['reset', 503, false],
    ['connect-failure', 0, false],
    ['connect-failure', 503, false],
    ['retriable-4xx', 409, true],
    ['retriable-4xx', 404, false],
    ['retriable-4xx', 503, false],
    ['per-try-timeout', 503, false],
  ])('with %s, a first %s (0: no answer) is tried again: %s', async (condition, status, again) => {
    const { turns, proxy } = await withOne([status, 200], { retryOn: [condition] })
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer.status).toBe(again ? 200 : status || 503)
    expect(turns.calls).toBe(again ? 2 : 1)
    expect(answer.headers['x-envoy-attempt-count']).toBe(again ? '2' : '1')
    expect(await proxy.number(rq('retry'))).toBe(again ? 1 : 0)
    expect(await proxy.number(rq('retry_success'))).toBe(again ? 1 : 0)
    expect(await proxy.number(rq('total'))).toBe(again ? 2 : 1)
  })

  test.each<[RetryOn, boolean]>([
    ['connect-failure', true],
    ['reset', true],
    ['5xx', true],
    ['retriable-4xx', false],
  ])('with %s, a refused connection is tried at another endpoint: %s', async (condition, again) => {
    const { url } = await stage.server(inTurn(200).listener)
    const urls = [await stage.nowhere(), url]
    // In turn, the second endpoint first.
    const proxy = await stage.proxy(
      inboundTo(urls, { balancing: 'round-robin', retryOn: [condition] }),
    )
    expect((await stage.call(proxy.inboundUrl)).status).toBe(200)
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer.status).toBe(again ? 200 : 503)
    expect(proxy.log[1]).toMatchObject({ response_flags: again ? '-' : 'UF' })
  })

  test.each<[RetryOn, boolean]>([
    ['per-try-timeout', true],
    ['gateway-error', true],
    ['reset', true],
    ['connect-failure', false],
  ])('with %s, a try that takes too long is tried again: %s', async (condition, again) => {
    let calls = 0
    const { url } = await stage.server((_incoming, outgoing) => {
      calls += 1
      if (calls > 1) outgoing.end()
    })
    const proxy = await stage.proxy(
      inboundTo([url], { perTryTimeoutMs: 150, retryOn: [condition] }),
    )
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer.status).toBe(again ? 200 : 504)
    expect(proxy.log).toMatchObject([{ response_flags: again ? '-' : 'UT' }])
    expect(await proxy.number(rq('per_try_timeout'))).toBe(1)
    expect(await proxy.number(rq('timeout'))).toBe(0)
  })

  test('end with URX and the last answer once there were enough', async () => {
    const { turns, proxy } = await withOne([503], { retriesMax: 2 })
    const answer = await stage.call(proxy.inboundUrl)
    expect(answer).toMatchObject({ status: 503, body: 'try 3' })
    expect(turns.calls).toBe(3)
    expect(proxy.log).toMatchObject([{ response_flags: 'URX', upstream_request_attempt_count: 3 }])
    expect(await proxy.number(rq('retry_limit_exceeded'))).toBe(1)
    const final = { envoy_response_code: '503' }
    expect(await proxy.number('envoy_cluster_upstream_rq', final)).toBe(1)
    expect(await proxy.number('envoy_cluster_retry_upstream_rq', final)).toBe(2)
    expect(await proxy.number('istio_requests_total', { response_flags: 'URX' })).toBe(1)
  })

  test('name both flags when there is no answer at the end', async () => {
    const { proxy } = await withOne([0], { retriesMax: 1 })
    await stage.call(proxy.inboundUrl)
    expect(proxy.log).toMatchObject([{ response_flags: 'UC,URX' }])
  })

  test('are not made for other methods', async () => {
    const { turns, proxy } = await withOne([503, 200], {})
    const answer = await stage.call(proxy.inboundUrl, { method: 'POST', body: 'x' })
    expect([answer.status, turns.calls]).toEqual([503, 1])
    expect(proxy.log).toMatchObject([{ response_flags: '-' }])
  })

  test('send the same body again', async () => {
    const bodies: string[] = []
    const { url } = await stage.server((incoming, outgoing) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => (text += chunk))
      incoming.on('end', () => {
        bodies.push(text)
        outgoing.writeHead(bodies.length === 1 ? 503 : 200).end()
      })
    })
    const proxy = await stage.proxy(inboundTo([url], { retryMethods: ['POST'] }))
    const body = 'body '.repeat(30_000)
    const answer = await stage.call(proxy.inboundUrl, { method: 'POST', body })
    expect(answer.status).toBe(200)
    expect(bodies).toEqual([body, body])
  })

  test('are not made once a body is longer than what is kept', async () => {
    const turns = inTurn(503, 200)
    const { url } = await stage.server((incoming, outgoing) => {
      incoming.resume().on('end', () => turns.listener(incoming, outgoing))
    })
    const proxy = await stage.proxy(inboundTo([url], { retryMethods: ['POST'] }))
    const body = Buffer.alloc((1 << 20) + 1)
    const answer = await stage.call(proxy.inboundUrl, { method: 'POST', body })
    expect([answer.status, turns.calls]).toEqual([503, 1])
    expect(await proxy.number('envoy_cluster_retry_or_shadow_abandoned')).toBe(1)
  })

  test('stay within their budget: 0.5 of 4 open requests lets 2 of them try again', async () => {
    const held = heldRequests()
    const { url } = await stage.server(held.listener)
    const policy = { retryBudgetRatio: 0.5, retryBudgetMin: 0, retriesMax: 1 }
    const proxy = await stage.proxy(inboundTo([url], policy))
    const calls = Array.from({ length: 4 }, () => stage.call(proxy.inboundUrl))
    await vi.waitFor(() => expect(held.waiting).toHaveLength(4))
    for (const { outgoing } of held.waiting.slice(0, 3)) {
      const count = await proxy.number(rq('retry'))
      const overflow = await proxy.number(rq('retry_overflow'))
      outgoing.writeHead(503).end()
      await vi.waitFor(async () => {
        const now = (await proxy.number(rq('retry'))) + (await proxy.number(rq('retry_overflow')))
        expect(now).toBe(count + overflow + 1)
      })
    }
    expect(await proxy.number(rq('retry'))).toBe(2)
    expect(await proxy.number(rq('retry_overflow'))).toBe(1)
    await vi.waitFor(() => expect(held.waiting).toHaveLength(6))
    for (const { outgoing } of held.waiting.slice(3)) outgoing.end()
    const statuses = (await Promise.all(calls)).map(answer => answer.status)
    expect(statuses.toSorted()).toEqual([200, 200, 200, 503])
    expect(proxy.log).toContainEqual(expect.objectContaining({ response_flags: 'UO' }))
  })

  test('have no budget to keep with a ratio of -1', async () => {
    const policy = { retryBudgetRatio: -1, retryBudgetMin: 0 }
    const { proxy } = await withOne([503, 200], policy)
    expect((await stage.call(proxy.inboundUrl)).status).toBe(200)
  })
})
