import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestCluster, type TestCluster } from '../../database/test-cluster.ts'
import { Database } from '../data/database.ts'
import { Problem } from '../http/problem.ts'
import { serviceSettings } from '../settings.ts'
import { ServiceMetrics } from '../telemetry/metrics.ts'
import { QueueConsumer, type ConsumerOptions } from './consumer.ts'
import { Leases } from './leases.ts'
import { Postponed, Unworkable, type Message } from './message.ts'
import { partitionOf } from './partition.ts'
import { MessageQueue } from './queue.ts'
import { queueSettings, type QueueSettings } from './queue-settings.ts'
import { queueTableSql } from './queue-table.ts'
import type { TestConsumerStart } from './test-consumer.ts'

let cluster: TestCluster
const ends: (() => Promise<unknown>)[] = []
let schemas = 0

beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster.stop())
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

interface Work {
  readonly n: number
}

/** One service with a queue of its own; `process` gives further processes of the same service. */
async function openService(differing: Partial<QueueSettings> = {}) {
  schemas += 1
  const schema = `queue_test_${schemas}`
  const process = async (own: Partial<QueueSettings> = {}) => {
    const settings = serviceSettings({}, queueSettings({ pollMs: 5, ...differing, ...own }))
    const metrics = new ServiceMetrics('test')
    const database = new Database({ address: cluster.address, schema, settings, metrics })
    await database.migrate({ name: schema, sql: queueTableSql })
    ends.push(() => database.end())
    const queue = new MessageQueue({ database, settings, metrics, topics: ['work'] })
    const consume = (
      work: ConsumerOptions<Work>['work'],
      onFailed?: (payload: Work, reason: string) => Promise<void>,
    ) => {
      const options = { queue, topic: 'work', work, ...(onFailed && { onFailed }) }
      const consumer = new QueueConsumer<Work>(options)
      ends.push(() => consumer.stop())
      return consumer
    }
    const put = async (n: number, partitionKey?: string) =>
      queue.enqueue({ topic: 'work', payload: { n }, partitionKey })
    const numbers = async () => {
      const page = await metrics.registry.metrics()
      return (name: string) => Number(page.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1])
    }
    return { settings, database, queue, consume, put, numbers }
  }
  return { process, schema }
}

/** Asks again until it holds; the limit only ends a test that fails. */
const eventually = <T>(look: () => T | Promise<T>) =>
  vi.waitFor(look, { timeout: 15_000, interval: 10 })

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)
const label = (topic: string, state: string) =>
  `messaging_queue_depth\\{messaging_destination_name="${topic}",state="${state}",` +
  'service_name="test"\\}'

describe('a queue', () => {
  test('gives each message to one of many consumers in two processes, once', async () => {
    const service = await openService({ consumers: 4, prefetch: 3 })
    const [first, second] = [await service.process(), await service.process()]
    const worked: number[] = []
    const by = [0, 0]
    await Promise.all(upTo(100).map(n => first.put(n)))
    for (const [index, { consume }] of [first, second].entries()) {
      consume(async ({ payload }) => {
        worked.push(payload.n)
        by[index]! += 1
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
    const start: TestConsumerStart = {
      ...{ address: cluster.address, schema: service.schema, topic: 'work', leaseMs: 300 },
    }
    const file = fileURLToPath(new URL('test-consumer.ts', import.meta.url))
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

  test('a message stays with its consumer while that lives, however long it works', async () => {
    const service = await openService({ leaseMs: 90, consumers: 1 })
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
    const leasedUntilMs = async () => {
      const [row] = await first.database.query<{ at: Date }>(
        'select leased_until as at from queue_messages',
      )
      return row!.at.getTime()
    }
    const firstUntilMs = await leasedUntilMs()
    // Several leases later the message is still the first one's.
    await eventually(async () => {
      expect(await leasedUntilMs()).toBeGreaterThan(firstUntilMs + 300)
    })
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

describe('the order of a queue', () => {
  test('is kept within each partition by any number of consumers and processes', async () => {
    const service = await openService({ ordered: true, consumers: 4, prefetch: 4, partitions: 8 })
    const processes = [await service.process(), await service.process(), await service.process()]
    const keys = upTo(12).map(n => `customer-${n}`)
    for (const n of upTo(120)) await processes[n % 3]!.put(n, keys[n % 12])
    const done = new Map<number, number[]>()
    const open = new Set<number>()
    const overlaps: number[] = []
    let mostOpen = 0
    for (const { consume } of processes) {
      consume(async ({ payload, partition }) => {
        if (open.has(partition!)) overlaps.push(payload.n)
        open.add(partition!)
        mostOpen = Math.max(mostOpen, open.size)
        await new Promise(resolve => setImmediate(resolve))
        open.delete(partition!)
        done.set(partition!, [...(done.get(partition!) ?? []), payload.n])
      })
    }
    await eventually(() => expect([...done.values()].flat()).toHaveLength(120))
    expect(overlaps).toEqual([])
    expect(mostOpen).toBeGreaterThan(1)
    for (const [partition, order] of done) {
      const expected = upTo(120).filter(n => partitionOf(keys[n % 12]!, 8) === partition)
      expect(order).toEqual(expected)
    }
  })

  test('makes a slow message hold up its own partition and no other', async () => {
    const { put, consume } = await (
      await openService({ ordered: true, consumers: 4, partitions: 64 })
    ).process()
    const [slow, quick] = ['slow customer', 'quick customer']
    expect(partitionOf(slow, 64)).not.toBe(partitionOf(quick, 64))
    for (const [n, key] of [slow, slow, quick, quick].entries()) await put(n, key)
    await put(4)
    const finish = Promise.withResolvers<void>()
    const done: number[] = []
    consume(async ({ payload }) => {
      if (payload.n === 0) await finish.promise
      done.push(payload.n)
    })
    await eventually(() => expect(done.toSorted()).toEqual([2, 3, 4]))
    finish.resolve()
    await eventually(() => expect(done.slice(3)).toEqual([0, 1]))
  })

  test('is not asked for by default: one slow message holds up nobody', async () => {
    const { put, consume } = await (await openService({ consumers: 2 })).process()
    for (const n of upTo(4)) await put(n, 'one customer')
    const finish = Promise.withResolvers<void>()
    const done: number[] = []
    consume(async ({ payload }) => {
      if (payload.n === 0) await finish.promise
      done.push(payload.n)
    })
    await eventually(() => expect(done).toEqual([1, 2, 3]))
    finish.resolve()
  })

  test('with a prefetch those behind a slow one wait, though others are idle', async () => {
    const { put, consume, settings, numbers } = await (
      await openService({ consumers: 2, prefetch: 3 })
    ).process()
    for (const n of upTo(6)) await put(n)
    const finish = Promise.withResolvers<void>()
    const done: number[] = []
    consume(async ({ payload }) => {
      if (payload.n === 0) await finish.promise
      done.push(payload.n)
    })
    // Dealt by turns: 0, 2, 4 to one consumer, 1, 3, 5 to the other.
    await eventually(() => expect(done).toEqual([1, 3, 5]))
    expect((await numbers())(label('work', 'leased'))).toBe(3)
    expect(settings.consumers).toBe(2)
    finish.resolve()
    await eventually(() => expect(done).toEqual([1, 3, 5, 0, 2, 4]))
  })
})

describe('consumers', () => {
  test('can be stopped, reduced and added while they run', async () => {
    const { put, consume, settings, numbers } = await (
      await openService({ consumers: 0 })
    ).process()
    const gates: (() => void)[] = []
    const done: number[] = []
    consume(async ({ payload }) => {
      await new Promise<void>(resolve => gates.push(resolve))
      done.push(payload.n)
    })
    for (const n of upTo(10)) await put(n)
    expect((await numbers())(label('work', 'waiting'))).toBe(10)
    expect((await numbers())(label('work', 'leased'))).toBe(0)
    settings.consumers = 3
    await eventually(() => expect(gates).toHaveLength(3))
    settings.consumers = 1
    gates.splice(0).forEach(open => open())
    await eventually(() => expect([done.length, gates.length]).toEqual([3, 1]))
    const busy = 'messaging_consumers\\{messaging_destination_name="work",state="busy"'
    expect((await numbers())(`${busy},service_name="test"\\}`)).toBe(1)
    settings.consumers = 6
    await eventually(() => expect(gates).toHaveLength(6))
    gates.splice(0).forEach(open => open())
    await eventually(() => expect(gates).toHaveLength(1))
    gates.splice(0).forEach(open => open())
    await eventually(() => expect(done).toHaveLength(10))
  })

  test('that are not wanted any more give back what they have not begun', async () => {
    const service = await openService({ consumers: 1, prefetch: 5 })
    const [first, second] = [await service.process(), await service.process({ consumers: 0 })]
    for (const n of upTo(5)) await first.put(n)
    const gate = Promise.withResolvers<void>()
    const done: string[] = []
    first.consume(async ({ payload }) => {
      await gate.promise
      done.push(`first ${payload.n}`)
    })
    second.consume(async ({ payload, tries }) => {
      done.push(`second ${payload.n}, try ${tries}`)
    })
    await eventually(async () => {
      expect((await first.numbers())(label('work', 'leased'))).toBe(5)
    })
    first.settings.consumers = 0
    second.settings.consumers = 1
    gate.resolve()
    await eventually(() => expect(done).toHaveLength(5))
    expect(done).toEqual(['first 0', ...upTo(4).map(n => `second ${n + 1}, try 1`)])
  })

  test('that stop finish what they are at and leave the rest to others', async () => {
    const { database, put, consume } = await (
      await openService({ consumers: 1, prefetch: 4 })
    ).process()
    for (const n of upTo(4)) await put(n)
    const signals: boolean[] = []
    const begun = Promise.withResolvers<void>()
    const consumer = consume(async (_, { signal }) => {
      begun.resolve()
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      signals.push(signal.aborted)
    })
    await begun.promise
    await consumer.stop()
    expect(signals).toEqual([true])
    const rows = await database.query(
      'select payload, state, tries from queue_messages order by id',
    )
    expect(rows).toEqual([1, 2, 3].map(n => ({ payload: { n }, state: 'ready', tries: 0 })))
  })

  test('show how old the oldest waiting message is, and how full each partition', async () => {
    const service = await openService({ consumers: 0, partitions: 4 })
    const { database, put, numbers } = await service.process()
    await put(1, 'a')
    await put(2, 'a')
    await put(3)
    await database.query(`update queue_messages set enqueued_at = now() - interval '90 seconds'
      where payload = '{"n": 2}'`)
    const number = await numbers()
    const topic = 'messaging_destination_name="work"'
    const age = number(
      `messaging_queue_oldest_message_age_seconds\\{${topic},service_name="test"\\}`,
    )
    expect(Math.floor(age)).toBe(90)
    const partition = `messaging_destination_partition_id="${partitionOf('a', 4)}"`
    const depth = `messaging_queue_partition_depth\\{${topic},${partition},service_name="test"\\}`
    expect(number(depth)).toBe(2)
  })
})
