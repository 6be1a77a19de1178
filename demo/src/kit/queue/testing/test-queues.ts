import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { startTestCluster, type TestCluster } from '../../../database/test-cluster.ts'
import { Database } from '../../data/database.ts'
import { serviceSettings } from '../../settings.ts'
import { ServiceMetrics } from '../../telemetry/metrics.ts'
import { QueueConsumer, type ConsumerOptions } from '../consumer.ts'
import { MessageQueue } from '../queue.ts'
import { queueSettings, type QueueSettings } from '../queue-settings.ts'
import { queueTableSql } from '../queue-table.ts'

export interface Work {
  readonly n: number
}

/**
 * For the tests of one file: opens services with a queue of their own, each in a schema of its own
 * of one cluster; `process` gives further processes of the same service. After each test all
 * consumers are stopped and all connections closed.
 */
export function testQueues() {
  let cluster: TestCluster
  let schemas = 0
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    cluster = await startTestCluster()
  })
  afterAll(() => cluster.stop())
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  return async (differing: Partial<QueueSettings> = {}) => {
    schemas += 1
    const schema = `queue_test_${schemas}`
    const { address } = cluster
    const process = async (own: Partial<QueueSettings> = {}) => {
      const settings = serviceSettings({}, queueSettings({ pollMs: 5, ...differing, ...own }))
      const metrics = new ServiceMetrics('test')
      const database = new Database({ address, schema, settings, metrics })
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
    return { process, schema, address }
  }
}

/** Asks again until it holds; the limit only ends a test that fails. */
export const eventually = <T>(look: () => T | Promise<T>) =>
  vi.waitFor(look, { timeout: 15_000, interval: 10 })

/** 0 to `count` - 1. */
export const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

/** The depth of a topic in a page of metrics, as a pattern. */
export const label = (topic: string, state: string) =>
  `messaging_queue_depth\\{messaging_destination_name="${topic}",state="${state}",` +
  'service_name="test"\\}'
