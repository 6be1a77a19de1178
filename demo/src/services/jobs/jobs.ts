import { QueueConsumer } from '../../kit/queue/consumer.ts'
import { MessageQueue } from '../../kit/queue/queue.ts'
import { queueSettings } from '../../kit/queue/queue-settings.ts'
import { queueTableSql } from '../../kit/queue/queue-table.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { depthByStatus, list, show, showResult } from './reading.ts'
import { askForReport, failReport, makeReport, reportTopic, type ReportJob } from './reports.ts'

const jobSettings = serviceSettings(
  { poolConnectionsMax: 8 },
  {
    ...queueSettings({ consumers: 3, triesMax: 3 }),
    /** Days in a report that names none; each day is a query of its own. */
    reportDays: 30,
    /** Pause between two days, so that reports do not crowd out the shop's other queries. */
    dayPauseMs: 10,
    /** Events of a day that are compared with all its others, which takes the database's time. */
    comparedEvents: 0,
    /** Finished jobs that are kept. */
    jobsKeptMax: 20_000,
  },
)

const definition: ServiceDefinition = {
  name: 'jobs',
  settings: jobSettings,
  schema: {
    name: 'shop_jobs',
    sql: `create table if not exists jobs (
            id text primary key,
            kind text not null,
            status text not null default 'queued',
            progress real not null default 0,
            result jsonb,
            error text,
            created_at timestamptz not null default now(),
            finished_at timestamptz
          );
          create index if not exists waiting on jobs (created_at)
            where status in ('queued', 'running');
          create index if not exists newest on jobs (created_at desc);
          create table if not exists usage_events (
            day int not null,
            endpoint text not null,
            calls int not null
          );
          insert into usage_events
            select n % 30, '/api/v1/endpoint-' || n % 17, n * 7919 % 1000
            from generate_series(1, 15000) as n
            where not exists (select 1 from usage_events);
          create index if not exists by_day on usage_events (day);
          ${queueTableSql}`,
  },
  open,
}
export default definition

function open({ database, metrics, tracing }: ServiceContext): ServiceRoutes {
  const settings = jobSettings
  const queue = new MessageQueue({ database, settings, metrics, topics: [reportTopic] })
  const consumer = new QueueConsumer<ReportJob>({
    queue,
    tracing,
    topic: reportTopic,
    work: ({ payload }, { signal, span }) =>
      makeReport(payload, { database: database.below(span), settings, signal }),
    onFailed: (payload, reason) => failReport(payload.jobId, { database, reason }),
  })
  metrics.gauge({
    name: 'job_queue_depth',
    help: 'Jobs that wait for a worker or are being worked on',
    label: 'status',
    read: () => depthByStatus(database),
  })
  return {
    routes: [
      { method: 'POST', path: '/reports/usage', handle: request => askForReport(request, queue) },
      { method: 'GET', path: '/jobs', handle: list },
      { method: 'GET', path: '/jobs/:id', handle: show },
      { method: 'GET', path: '/jobs/:id/result', handle: showResult },
    ],
    stop: () => consumer.stop(),
  }
}
