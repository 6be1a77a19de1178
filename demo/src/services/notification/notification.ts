import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  integerParam,
  isObject,
  optionalText,
  textField,
  textParam,
  type JsonObject,
} from '../../kit/http/input.ts'
import type { Statements } from '../../kit/data/database.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import { QueueConsumer } from '../../kit/queue/consumer.ts'
import { MessageQueue } from '../../kit/queue/queue.ts'
import { queueSettings } from '../../kit/queue/queue-settings.ts'
import { queueTableSql } from '../../kit/queue/queue-table.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { render } from './render.ts'

const topic = 'notifications'

const notificationSettings = serviceSettings(
  { poolConnectionsMax: 6 },
  {
    // What one customer is told comes in the order in which it happened.
    ...queueSettings({ consumers: 4, prefetch: 4, ordered: true, partitions: 16 }),
    /** How long the mail server takes over a text. A pause is right: it is somebody else's. */
    messageWorkMs: 2,
    /** How often a text is run through the signing hash: CPU work of our own. */
    signRounds: 50,
    /** Sent texts that are kept. */
    sentKeptMax: 20_000,
  },
)

/** A message in the queue. */
interface Notification {
  readonly id: string
  readonly userId: string
  readonly kind: string
  readonly data: JsonObject
}

/** Tells customers what happened. Whoever asks for it gets 202; a consumer does it. */
const definition: ServiceDefinition = {
  name: 'notification',
  settings: notificationSettings,
  schema: {
    name: 'shop_notification',
    sql: `create table if not exists sent (
            id text primary key,
            number bigint generated always as identity,
            user_id text not null,
            kind text not null,
            subject text not null,
            body text not null,
            signature text not null,
            sent_at timestamptz not null default now()
          );
          create index if not exists sent_by_user on sent (user_id, number desc);
          create index if not exists sent_by_number on sent (number);
          ${queueTableSql}`,
  },
  open,
}
export default definition

function open(context: ServiceContext): ServiceRoutes {
  const { database, metrics, tracing } = context
  const queue = new MessageQueue({
    ...{ database, metrics, settings: notificationSettings, topics: [topic] },
  })
  const consumer = new QueueConsumer<Notification>({
    queue,
    tracing,
    topic,
    work: ({ payload }, { signal, span }) => send(payload, database.below(span), signal),
  })
  return {
    routes: [
      { method: 'POST', path: '/notifications', handle: request => accept(request, queue) },
      { method: 'GET', path: '/notifications', handle: list },
    ],
    stop: () => consumer.stop(),
  }
}

/** {user_id, kind: 'order-confirmed', data: {order_id: 'ord-1', ...}} */
async function accept(request: ShopRequest, queue: MessageQueue): Promise<Answer> {
  const body = await request.json()
  const userId = textField(body, ['user_id', 'userId'])
  const kind = optionalText(body, 'kind') ?? 'message'
  const data = body['data'] ?? {}
  if (!isObject(data)) throw new Problem(400, 'data must be an object')
  const id = `ntf-${randomUUID()}`
  const payload: Notification = { id, userId, kind, data }
  await request.produce(topic, trace =>
    queue.enqueue({ topic, payload, partitionKey: userId, trace }),
  )
  return { status: 202, body: { id, status: 'queued' } }
}

/** A message that comes a second time (its first consumer died) is kept once. */
async function send(
  { id, userId, kind, data }: Notification,
  database: Statements,
  signal: AbortSignal,
): Promise<void> {
  const { signRounds, messageWorkMs, sentKeptMax } = notificationSettings
  const text = render({ userId, kind, data, signRounds })
  await delay(messageWorkMs, undefined, { signal })
  const [sent] = await database.query<{ number: string }>(
    `insert into sent (id, user_id, kind, subject, body, signature)
     values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing returning number`,
    [id, userId, kind, text.subject, text.body, text.signature],
  )
  const number = Number(sent?.number ?? 0)
  // Now and then is enough: the table is a little longer than it must be.
  if (number % 500 !== 0) return
  await database.query('delete from sent where number <= $1', [number - sentKeptMax])
}

interface SentRow {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly body: string
  readonly sent_at: Date
}

async function list(request: ShopRequest): Promise<Answer> {
  const limit = integerParam(request.search, 'limit', { min: 1, max: 100, default: 20 })
  const userId = textParam(request.search, 'user_id')
  if (userId === undefined) throw new Problem(400, 'user_id is missing')
  const notifications = await request.query<SentRow>(
    `select id, kind, subject, body, sent_at from sent
     where user_id = $1 order by number desc limit $2`,
    [userId, limit],
  )
  return { status: 200, body: { notifications, limit } }
}
