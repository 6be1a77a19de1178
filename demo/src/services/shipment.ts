import { randomUUID } from 'node:crypto'
import { integerParam, listParam, textField } from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../kit/http/request.ts'
import type { ServiceDefinition } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import { seedOrdersSql } from '../seed.ts'

export interface Shipment {
  readonly id: string
  readonly orderId: string
  readonly carrier: string
  readonly status: string
}

/** What sending a parcel costs. */
export interface Quote {
  readonly id: string
  readonly carrier: string
  readonly price: number
  readonly days: number
}

interface EventRow {
  readonly at: Date
  readonly status: string
  readonly place: string
}

/** Each parcel's way, planned when it is sent: a step is seen once its time has come. */
const steps = `(values
  (1, 'label_created', 'warehouse', interval '0'),
  (2, 'picked_up', 'warehouse', interval '2 hours'),
  (3, 'in_transit', 'sorting centre', interval '1 day'),
  (4, 'delivered', 'front door', interval '3 days')
) as step (position, status, place, later)`

const definition: ServiceDefinition = {
  name: 'shipment',
  settings: serviceSettings({ poolConnectionsMax: 8 }),
  schema: {
    name: 'shop_shipment',
    sql: `create table if not exists shipments (
            id text primary key,
            order_id text not null,
            carrier text not null,
            created_at timestamptz not null default now()
          );
          create index if not exists by_order on shipments (order_id);
          create table if not exists events (
            shipment_id text not null references shipments on delete cascade,
            position int not null,
            status text not null,
            place text not null,
            at timestamptz not null,
            primary key (shipment_id, position)
          );
          create table if not exists rates (
            id text primary key,
            carrier text not null,
            base_cents int not null,
            piece_cents int not null,
            days int not null
          );
          insert into rates values ('standard', 'UPS', 490, 20, 4), ('express', 'FDX', 1290, 90, 1),
            ('economy', 'DHL', 390, 10, 7) on conflict do nothing;
          insert into shipments (id, order_id, carrier, created_at)
            select tracking_id, order_id, carrier, created_at from (${seedOrdersSql}) as old
            where not exists (select 1 from shipments);
          insert into events
            select id, position, status, place, created_at + later
            from shipments cross join ${steps}
            where not exists (select 1 from events)
              and not (order_id like 'ord-7845%' and status = 'delivered');`,
  },
  open: () => ({
    routes: [
      { method: 'GET', path: '/quotes', handle: quote },
      { method: 'POST', path: '/shipments', handle: create },
      { method: 'GET', path: '/shipments', handle: list },
      { method: 'DELETE', path: '/shipments/:id', handle: cancel },
      { method: 'GET', path: '/shipments/:id/events', handle: showEvents },
    ],
  }),
}
export default definition

/** What sending so many pieces costs with each carrier, cheapest first. */
async function quote(request: ShopRequest): Promise<Answer> {
  const pieces = integerParam(request.search, 'pieces', { min: 0, max: 100_000, default: 1 })
  const quotes = await request.query<Quote>(
    `select id, carrier, (base_cents + piece_cents * $1::int) / 100.0::float8 as price, days
     from rates order by price`,
    [pieces],
  )
  return { status: 200, body: { quotes } }
}

async function create(request: ShopRequest): Promise<Answer> {
  const orderId = textField(await request.json(), 'order_id')
  const [shipment] = await request.query<Shipment>(
    `with sent as (
       insert into shipments (id, order_id, carrier)
       select 'trk-' || carrier || '-' || $2, $1, carrier
       from (values (1 + (hashtext($1) & 65535) % 3)) as chosen (number)
         cross join lateral (
           select (array['UPS', 'FDX', 'DHL'])[number] as carrier
         ) as named
       returning id, order_id, carrier, created_at
     ), planned as (
       insert into events select id, position, status, place, created_at + later
       from sent cross join ${steps}
     )
     select id, order_id as "orderId", carrier, 'label_created' as status from sent`,
    [orderId, randomUUID()],
  )
  return { status: 201, body: shipment }
}

async function list(request: ShopRequest): Promise<Answer> {
  const shipments = await request.query<Shipment>(
    `select id, order_id as "orderId", carrier, status
     from shipments cross join lateral (
       select status from events where shipment_id = id and at <= now()
       order by position desc limit 1
     ) as last
     where order_id = any ($1) order by created_at`,
    [listParam(request.search, 'order_ids')],
  )
  return { status: 200, body: { shipments } }
}

/** The order came to nothing: its parcel is not sent. */
async function cancel(request: ShopRequest): Promise<Answer> {
  const id = request.param('id')
  const gone = await request.query('delete from shipments where id = $1 returning id', [id])
  if (gone.length === 0) throw new Problem(404, `there is no shipment ${id}`)
  return { status: 204 }
}

async function showEvents(request: ShopRequest): Promise<Answer> {
  const id = request.param('id')
  const events = await request.query<EventRow>(
    `select at, status, place from events where shipment_id = $1 and at <= now()
     order by position`,
    [id],
  )
  const last = events.at(-1)
  if (!last) throw new Problem(404, `there is no shipment ${id}`)
  const carrier = id.split('-')[1] ?? ''
  return { status: 200, body: { shipment_id: id, carrier, status: last.status, events } }
}
