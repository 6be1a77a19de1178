import type { Fault, ParameterValues } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'

const queue = choice('whose queue', ['jobs', 'notification'])
const label = (resource: string) => (values: ParameterValues) => {
  return { service: String(values['queue']), pattern: 'P19', resource }
}

export const slowConsumers: Fault = {
  name: 'slow-consumers',
  family: 'F19',
  about: 'a queue has few consumers, and each message needs many times the work',
  symptom: 'what is put in is accepted as fast as ever, and is done later and later',
  parameters: {
    queue,
    consumers: number('messages worked at the same time', {
      ...{ default: 1, min: 1, max: 8, drawn: [1, 1] },
    }),
    timesHeavier: number('work for a message: compared events, or time of the mail server', {
      ...{ default: 20, min: 0, max: 200, drawn: [20, 40] },
    }),
  },
  label: label('consumers'),
  set: (surface, values) => {
    const times = Number(values['timesHeavier'])
    // Reports work in the database; notifications wait for the mail server, some 2 ms each.
    const work =
      values['queue'] === 'jobs' ? { comparedEvents: 10 * times } : { messageWorkMs: 40 * times }
    return surface.changeService(
      { service: values['queue'] as ServiceName },
      { consumers: Number(values['consumers']), ...work },
    )
  },
}

/** What the consumers of a queue need, and nobody who fills it or asks about it. */
const lockedTables = { jobs: 'shop_jobs.usage_events', notification: 'shop_notification.sent' }

export const blockedConsumers: Fault = {
  name: 'blocked-consumers',
  family: 'F19',
  about:
    'a maintenance job locks a table that only the consumers of a queue need, most of the time',
  symptom: 'messages are accepted as fast as ever; consumers are busy but idle, and done is little',
  parameters: {
    queue,
    holdMs: number('how long the table is locked each time', {
      ...{ default: 3_000, min: 1, max: 4_500, drawn: [3_000, 4_300] },
    }),
    pauseMs: number('how long it is free between', {
      ...{ default: 2, min: 1, max: 60_000, drawn: [1, 3] },
    }),
  },
  label: label('consumers wait for a lock'),
  set: async (surface, values) => {
    const actor = await surface.startActor({
      name: 'blocked-consumers',
      module: new URL('../actors/table-lock.ts', import.meta.url),
      args: {
        database: surface.database,
        table: lockedTables[values['queue'] as keyof typeof lockedTables],
        mode: 'access exclusive',
        ...{ holdMs: Number(values['holdMs']), pauseMs: Number(values['pauseMs']) },
      },
    })
    return () => actor.stop()
  },
}

/** A report pauses after each of its days. */
const reportDays = 30

export const onePartition: Fault = {
  name: 'one-partition',
  family: 'F19',
  about: 'all messages of a queue get into one partition, which is worked one after another',
  symptom: 'however many consumers there are one works, and messages wait longer and longer',
  parameters: {
    queue,
    messageMs: number('what a message waits for while it is worked: many consumers are enough', {
      ...{ default: 800, min: 2, max: 60_000, drawn: [800, 1_200] },
    }),
  },
  label: label('partition'),
  set: (surface, values) => {
    const service = values['queue'] as ServiceName
    const messageMs = Number(values['messageMs'])
    const waits =
      service === 'jobs' ? { dayPauseMs: messageMs / reportDays } : { messageWorkMs: messageMs }
    return surface.changeService(
      { service },
      { ordered: true, partitions: 1, consumers: 12, ...waits },
    )
  },
}
