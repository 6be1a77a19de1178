import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Delivery } from './delivery.ts'
import { notNow, notNowOrBroken } from './post.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** An endpoint that answers the n-th request (0-based) as told; `bodies` are those it took. */
async function endpoint(answer: (n: number, response: ServerResponse) => void, port = 0) {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const n = bodies.push(body) - 1
      answer(n, response)
    })
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const { port: opened } = server.address() as AddressInfo
  return { bodies, port: opened, url: `http://127.0.0.1:${opened}/x`, server }
}

const status =
  (code: number, words = '') =>
  (_n: number, response: ServerResponse) => {
    response.statusCode = code
    response.end(words)
  }
const payload = (text: string) => ({ body: new TextEncoder().encode(text), items: 1 })
const deliveryTo = (url: string, clock: FakeClock, more = {}) =>
  new Delivery({ url, clock, headers: {}, triesAgain: notNow, ...more })
const nothing = { items: 0, why: '' }

/**
 * Lets real sockets go on, and moves the time of retries and limits, until `done`. Time moves so
 * slowly that an endpoint that does answer is in time on a busy machine, too.
 */
async function until(clock: FakeClock, done: () => boolean, usPerTurn = 20): Promise<void> {
  while (!done()) {
    await new Promise(resolve => setImmediate(resolve))
    await clock.advance(usPerTurn)
  }
}

async function closed(delivery: Delivery, clock: FakeClock, usPerTurn?: number) {
  let result: Awaited<ReturnType<Delivery['close']>> | undefined
  void delivery.close(3_000_000).then(delivered => (result = delivered))
  await until(clock, () => result !== undefined, usPerTurn)
  return result!
}

describe('a delivery', () => {
  test('brings everything, in order', async () => {
    const { url, bodies } = await endpoint(status(200))
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock)
    for (const text of ['a', 'b', 'c']) delivery.add(payload(text))
    expect(await closed(delivery, clock)).toEqual({ items: 3, lost: 0, why: '', rejected: nothing })
    expect(bodies).toEqual(['a', 'b', 'c'])
  })

  test('tries again after 429 and 503, and loses nothing', async () => {
    const answers = [429, 503, 200, 200]
    const { url, bodies } = await endpoint((n, response) => status(answers[n]!)(n, response))
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock)
    delivery.add(payload('a'))
    delivery.add(payload('b'))
    await until(clock, () => bodies.length === 4)
    expect(await closed(delivery, clock)).toMatchObject({ items: 2, lost: 0 })
    expect(bodies).toEqual(['a', 'a', 'a', 'b'])
  })

  test('waits for an endpoint that appears later', async () => {
    const gone = await endpoint(status(200))
    await new Promise(resolve => gone.server.close(resolve))
    const clock = new FakeClock()
    const delivery = deliveryTo(gone.url, clock)
    delivery.add(payload('a'))
    await clock.advance(2_000_000)
    const { bodies } = await endpoint(status(200), gone.port)
    await until(clock, () => bodies.length === 1)
    expect(await closed(delivery, clock)).toMatchObject({ items: 1, lost: 0 })
  })

  test('gives up what is refused, says why, and goes on with the next', async () => {
    const { url } = await endpoint((n, response) =>
      status(n === 0 ? 400 : 200, 'out of\norder')(n, response),
    )
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock)
    delivery.add(payload('a'))
    delivery.add(payload('b'))
    const why = 'status 400: out of order'
    expect(await closed(delivery, clock)).toMatchObject({ items: 2, lost: 1, why })
  })

  test('ends in time at a dead endpoint, and counts what it lost', async () => {
    const { url, server } = await endpoint(status(200))
    await new Promise(resolve => server.close(resolve))
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock)
    delivery.add(payload('a'))
    delivery.add(payload('b'))
    const why = 'ECONNREFUSED'
    expect(await closed(delivery, clock, 1000)).toMatchObject({ items: 2, lost: 2, why })
    expect(clock.nowUs()).toBeLessThan(3_100_000)
  })

  test('ends in time at an endpoint that never answers', async () => {
    const { url } = await endpoint(() => {})
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock)
    delivery.add(payload('a'))
    const why = 'it did not answer in time'
    expect(await closed(delivery, clock, 1000)).toMatchObject({ items: 1, lost: 1, why })
    expect(clock.nowUs()).toBeLessThan(3_100_000)
  })

  test('keeps the newest when more waits than it may hold', async () => {
    const { url, bodies } = await endpoint((n, response) =>
      status(n === 0 ? 503 : 200)(n, response),
    )
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock, { maxBytes: 2 })
    for (const text of ['a', 'b', 'c', 'd']) delivery.add(payload(text))
    expect(await closed(delivery, clock)).toMatchObject({ items: 4, lost: 2 })
    expect(bodies.slice(-2)).toEqual(['c', 'd'])
  })

  test('that is optional ends at the first refusal, and nobody is told', async () => {
    const { url, bodies } = await endpoint(status(500, 'native histograms are disabled'))
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock, { optional: true })
    delivery.add(payload('a'))
    delivery.add(payload('b'))
    await until(clock, () => bodies.length === 1)
    expect(await closed(delivery, clock)).toMatchObject({ items: 0, lost: 0, why: '' })
    expect(bodies).toEqual(['a'])
  })

  test.each([
    { triesAgain: notNow, tries: 1 },
    { triesAgain: notNowOrBroken, tries: 2 },
  ])('after a 500 OTLP must not try again, remote write must', async ({ triesAgain, tries }) => {
    const { url, bodies } = await endpoint((n, response) =>
      status(n === 0 ? 500 : 200)(n, response),
    )
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock, { triesAgain })
    delivery.add(payload('a'))
    expect(await closed(delivery, clock)).toMatchObject({ lost: 2 - tries })
    expect(bodies).toHaveLength(tries)
  })

  test('does not repeat a secret that the endpoint repeats', async () => {
    const { url } = await endpoint(
      status(401, 'who is Basic aHVzaDpodXNo (or aHVzaDpodXNo, key1)?'),
    )
    const clock = new FakeClock()
    const headers = { authorization: 'Basic aHVzaDpodXNo', 'user-agent': 'loadstone' }
    const delivery = deliveryTo(`${url}?api_key=key1`, clock, { headers })
    delivery.add(payload('a'))
    const why = 'status 401: who is *** (or ***, ***)?'
    expect(await closed(delivery, clock)).toMatchObject({ lost: 1, why })
  })

  test('listens to an endpoint that never stops talking no longer than it has to', async () => {
    const { url, bodies } = await endpoint((_, response) => {
      const talk = () => {
        while (response.writable && response.write('x'.repeat(16_384)));
      }
      response.on('drain', talk)
      talk()
    })
    const clock = new FakeClock()
    const delivery = deliveryTo(url, clock)
    delivery.add(payload('a'))
    delivery.add(payload('b'))
    expect(await closed(delivery, clock)).toMatchObject({ items: 2, lost: 0 })
    expect(bodies).toEqual(['a', 'b'])
  })

  test('counts what an endpoint took only in part', async () => {
    const { url } = await endpoint((n, response) => status(200, n === 1 ? '' : 'two')(n, response))
    const clock = new FakeClock()
    const rejectedOf = (answer: Uint8Array) =>
      answer.length === 0 ? undefined : { items: 2, why: 'too old' }
    const delivery = deliveryTo(url, clock, { rejectedOf })
    for (const text of ['a', 'b', 'c']) delivery.add(payload(text))
    const rejected = { items: 4, why: 'too old' }
    expect(await closed(delivery, clock)).toMatchObject({ items: 3, lost: 0, rejected })
  })
})
