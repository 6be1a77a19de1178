import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Problem } from '../http/problem.ts'
import { Leases } from './leases.ts'
import { Postponed, Unworkable, type Message } from './message.ts'
import type { DoomedStart } from './testing/doomed-consumer.ts'
import { eventually, label, testQueues, upTo, type Work } from './testing/test-queues.ts'

const openService = testQueues()

describe('a queue', () => {
  test('gives each message to one of many consumers in two processes, once', async () => {
    const service = await openService({ consumers: 4, prefetch: 3 })
    const [first, second] = [await service.process(), await service.process()]
    const worked: number[] = []
    const by = [0, 0]
    const bothBegun = Promise.withResolvers<void>()
    await Promise.all(upTo(100).map(n => first.put(n)))
    for (const [index, { consume }] of [first, second].entries()) {
      consume(async ({ payload }) => {
        worked.push(payload.n)
        by[index]! += 1
        // Neither may work everything before the other has begun.
        if (Math.min(...by) > 0) bothBegun.resolve()
        await bothBegun.promise
      })
    }
    await Promise.all(upTo(100).map(n => second.put(100 + n)))
    await eventually(async () => {
      expect(worked.length).toBeGreaterThanOrEqual(200)
      expect(await first.database.query('select 1 from queue_messages')).toEqual([])
    })
    expect(worked.toSorted((a, b) => a - b)).toEqual(upTo(200))
    expect(Math.min(...by)).toBeGreaterThan(0)
  })

  test('keeps payload and trace context as they came', async () => {
    const { queue, consume } = await (await openService()).process()
    const got: Message<unknown>[] = []
    consume(async message => void got.push(message))
    const payload = { n: 1, text: 'a "quoted" ✓', list: [null, 1.5, { deep: true }] }
    await queue.enqueue({ topic: 'work', payload, trace: { traceparent: '00-ab-cd-01' } })
    await eventually(() => expect(got).toHaveLength(1))
    expect(got[0]).toMatchObject({ payload, trace: { traceparent: '00-ab-cd-01' }, tries: 1 })
    expect(got[0]?.partition).toBeNull()
  })

  test('gives a message back when its consumer is not heard of any more', async () => {
    const { database, settings, put, consume } = await (await openService()).process()
    await put(7)
    settings.leaseMs = 100
    // A consumer that takes a message and is killed: nothing renews its lease.
    const dead = new Leases<Work>({ database, topic: 'work', owner: 'dead', settings })
    const [lost] = await dead.take(1)
    expect(lost).toMatchObject({ payload: { n: 7 }, tries: 1 })
    settings.leaseMs = 10_000
    const tries: number[] = []
    consume(async message => void tries.push(message.tries))
    await eventually(() => expect(tries).toEqual([2]))
    // Should the dead one come to life again, it has no say over the message any more.
    expect(await dead.complete(lost!)).toBe(false)
  })

  test('gives a message back when the process that works it is killed', async () => {
    const service = await openService({ consumers: 1 })
    const { put, consume } = await service.process()
    const start: DoomedStart = {
      ...{ address: service.address, schema: service.schema, topic: 'work', leaseMs: 300 },
    }
    const file = fileURLToPath(new URL('testing/doomed-consumer.ts', import.meta.url))
    const doomed = fork(file, [JSON.stringify(start)], { execArgv: [] })
    const ended = once(doomed, 'exit')
    const said = once(doomed, 'message')
    await put(5)
    expect((await said)[0]).toEqual({ took: { n: 5 } })
    const tries: number[] = []
    consume(async message => void tries.push(message.tries))
    doomed.kill('SIGKILL')
    await ended
    await eventually(() => expect(tries).toEqual([2]))
  })

  test('a message stays with its consumer while that lives: its lease is renewed', async () => {
    const service = await openService({ consumers: 1 })
    const [first, second] = [await service.process(), await service.process()]
    await first.put(1)
    const finish = Promise.withResolvers<void>()
    const begun: string[] = []
    first.consume(() => {
      begun.push('first')
      return finish.promise
    })
    await eventually(() => expect(begun).toEqual(['first']))
    second.consume(async () => void begun.push('second'))
    const lease = async () => {
      const sql = 'select leased_until as until, tries from queue_messages'
      const [row] = await first.database.query<{ until: Date; tries: number }>(sql)
      return { untilMs: row?.until.getTime() ?? 0, tries: row?.tries }
    }
    const { untilMs } = await lease()
    await eventually(async () => expect((await lease()).untilMs).toBeGreaterThan(untilMs))
    expect((await lease()).tries).toBe(1)
    finish.resolve()
    await eventually(async () => {
      expect(await first.database.query('select 1 from queue_messages')).toEqual([])
    })
    expect(begun).toEqual(['first'])
  })

  test('a message whose consumers died too often is failed, and somebody is told', async () => {
    const { database, settings, put, consume } = await (await openService()).process()
    Object.assign(settings, { leaseMs: 1, triesMax: 1 })
    await put(3)
    await new Leases<Work>({ database, topic: 'work', owner: 'dead', settings }).take(1)
    const told: unknown[] = []
    consume(
      async () => void told.push('worked'),
      async (payload, reason) => void told.push([payload.n, reason]),
    )
    await eventually(() => expect(told).toEqual([[3, 'its consumers died over it']]))
    const rows = await database.query('select state from queue_messages')
    expect(rows).toEqual([{ state: 'failed' }])
  })

  test('tries again with growing pauses, then leaves the message as failed', async () => {
    const service = await (await openService({ triesMax: 3, retryPauseMs: 10 })).process()
    const { database, put, consume, numbers } = service
    const tries: number[] = []
    const told: string[] = []
    consume(
      async message => {
        tries.push(message.tries)
        throw new Problem(502, 'the mail server is away')
      },
      async (_, reason) => void told.push(reason),
    )
    await put(1)
    await eventually(() => expect(told).toEqual(['the mail server is away']))
    await eventually(async () => {
      expect(await database.query('select state, tries, error from queue_messages')).toEqual([
        { state: 'failed', tries: 3, error: 'the mail server is away' },
      ])
    })
    expect(tries).toEqual([1, 2, 3])
    const number = await numbers()
    expect(number(label('work', 'failed'))).toBe(1)
    const labels = 'messaging_destination_name="work",error_type="502",service_name="test"'
    expect(number(`messaging_client_consumed_messages_total\\{${labels}\\}`)).toBe(3)
  })

  test('does not try again what cannot be worked, nor count what was postponed', async () => {
    const { database, put, consume } = await (await openService({ triesMax: 2 })).process()
    const tries: number[] = []
    consume(async message => {
      tries.push(message.tries)
      if (tries.length < 5) throw new Postponed('not now', 1)
      throw new Unworkable('never')
    })
    await put(1)
    await eventually(async () => {
      expect(await database.query('select state, tries, error from queue_messages')).toEqual([
        { state: 'failed', tries: 1, error: 'never' },
      ])
    })
    expect(tries).toEqual([1, 1, 1, 1, 1])
  })

  test('refuses with 429 what exceeds its depth, and takes more once some are worked', async () => {
    const { queue, put, consume, numbers } = await (
      await openService({ queueDepthMax: 5 })
    ).process()
    for (const n of upTo(5)) await put(n)
    const refused = await put(5).catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '5' } })
    expect((await numbers())(label('work', 'waiting'))).toBe(5)
    const worked: number[] = []
    consume(async ({ payload }) => void worked.push(payload.n))
    await eventually(() => expect(worked).toHaveLength(5))
    await put(6)
    await eventually(() => expect(worked).toContain(6))
    expect(worked).not.toContain(5)
    // Another topic has a depth of its own.
    await queue.enqueue({ topic: 'other', payload: {} })
  })

  test('a message put in by a transaction that fails was never there', async () => {
    const { database, queue } = await (await openService()).process()
    const failing = database.transaction(async query => {
      await queue.enqueueWithin(query, { topic: 'work', payload: { n: 1 } })
      throw new Problem(409, 'changed my mind')
    })
    await expect(failing).rejects.toMatchObject({ status: 409 })
    expect(await database.query('select 1 from queue_messages')).toEqual([])
  })
})
