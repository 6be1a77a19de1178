/**
 * A consuming process for tests: it takes messages, says so over IPC, and never finishes one. Its
 * lease lasts as long as it lives.
 */
import { Database, type DatabaseAddress } from '../../data/database.ts'
import { serviceSettings } from '../../settings.ts'
import { ServiceMetrics } from '../../telemetry/metrics.ts'
import { QueueConsumer } from '../consumer.ts'
import { MessageQueue } from '../queue.ts'
import { queueSettings } from '../queue-settings.ts'

export interface DoomedStart {
  readonly address: DatabaseAddress
  readonly schema: string
  readonly topic: string
  readonly leaseMs: number
}

const start = JSON.parse(process.argv[2] ?? '{}') as DoomedStart
const { address, schema, topic, leaseMs } = start
const settings = serviceSettings({}, queueSettings({ leaseMs, pollMs: 5, consumers: 1 }))
const metrics = new ServiceMetrics('test')
const database = new Database({ address, schema, settings, metrics })
const queue = new MessageQueue({ database, settings, metrics, topics: [topic] })
process.on('disconnect', () => process.exit())
new QueueConsumer({
  queue,
  topic,
  work: async message => {
    process.send?.({ took: message.payload })
    await new Promise(() => undefined)
  },
})
