import { describe, expect, test } from 'vitest'
import { Problem } from '../http/problem.ts'
import { noSpan } from '../telemetry/tracing.ts'
import { QueueConsumer } from './consumer.ts'
import { partitionOf } from './partition.ts'
import { eventually, label, testQueues, upTo } from './testing/test-queues.ts'

const openService = testQueues()

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
    // A consumer is busy until the queue has been told that its message is done.
    const busy = 'messaging_consumers\\{messaging_destination_name="work",state="busy"'
    await eventually(async () => {
      expect((await numbers())(`${busy},service_name="test"\\}`)).toBe(1)
    })
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
    expect(age).toBeGreaterThanOrEqual(90)
    expect(age).toBeLessThan(300)
    const partition = `messaging_destination_partition_id="${partitionOf('a', 4)}"`
    const depth = `messaging_queue_partition_depth\\{${topic},${partition},service_name="test"\\}`
    expect(number(depth)).toBe(2)
  })

  test('make each try a step of the trace that put the message in', async () => {
    const { queue } = await (await openService({ retryPauseMs: 1 })).process()
    const steps: unknown[] = []
    const consumer = new QueueConsumer({
      queue,
      topic: 'work',
      tracing: {
        consume: ({ destination, headers }) => {
          steps.push([destination, headers['traceparent']])
          return { ...noSpan, end: errorType => void steps.push(['end', errorType]) }
        },
      },
      work: async ({ tries }) => {
        if (tries === 1) throw new Problem(503, 'not yet')
      },
    })
    await queue.enqueue({ topic: 'work', payload: {}, trace: { traceparent: '00-ab-cd-01' } })
    const begun = ['work', '00-ab-cd-01']
    await eventually(() => {
      expect(steps).toEqual([begun, ['end', 'Problem'], begun, ['end', undefined]])
    })
    await consumer.stop()
  })
})
