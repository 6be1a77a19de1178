/**
 * The table of a service's queues; goes into the service's schema. A message that was worked is
 * deleted: the table holds what waits, what is being worked, and what failed.
 */
export const queueTableSql = `
  create table if not exists queue_messages (
    id bigint generated always as identity primary key,
    topic text not null,
    partition int,
    payload jsonb not null,
    trace jsonb not null default '{}',
    state text not null default 'ready',
    tries int not null default 0,
    lease_owner text,
    leased_until timestamptz,
    available_at timestamptz not null default now(),
    enqueued_at timestamptz not null default now(),
    error text
  );
  create index if not exists queue_ready on queue_messages (topic, id) where state = 'ready';
  create index if not exists queue_heads on queue_messages (topic, partition, id)
    where state <> 'failed';
  create index if not exists queue_leased on queue_messages (topic, partition)
    where state = 'leased';
  create index if not exists queue_failed on queue_messages (topic, id) where state = 'failed';
`
