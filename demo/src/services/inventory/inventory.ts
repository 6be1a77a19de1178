import { randomUUID } from 'node:crypto'
import {
  integerField,
  listParam,
  objectListField,
  optionalText,
  textField,
  type JsonObject,
} from '../../kit/http/input.ts'
import type { Query } from '../../kit/data/database.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { pricesOf } from '../offers.ts'
import { limitedSku, seedSkusSql, soldOutSku } from '../../seed.ts'

export interface Stock {
  readonly sku: string
  readonly quantity: number
}

const settings = serviceSettings(
  { poolConnectionsMax: 10 },
  {
    /** Counts reserved pieces in one row per region, inside the transaction: a hot row. */
    countByRegion: false,
    /** Looks so many times for what runs low before it lets that row go. */
    looksWhileCounted: 0,
    /** Asks pricing so many times what the goods are worth while their rows are locked. */
    asksWhileLocked: 0,
  },
)

const definition: ServiceDefinition = {
  name: 'inventory',
  settings,
  schema: {
    name: 'shop_inventory',
    sql: `create table if not exists stock (
            sku text primary key,
            quantity int not null check (quantity >= 0),
            quantity_at_start int not null
          );
          create table if not exists region_counts (
            region text primary key,
            pieces bigint not null
          );
          create table if not exists reservations (
            id text primary key,
            order_id text not null,
            region text not null,
            items jsonb not null,
            created_at timestamptz not null default now()
          );
          alter table stock add column if not exists quantity_at_start int not null default -1;
          insert into stock (sku, quantity, quantity_at_start)
            select sku, quantity, quantity
            from (${seedSkusSql}) as goods cross join lateral (
              select case sku when '${soldOutSku}' then 0 when '${limitedSku}' then 100
                else 1000000 end as quantity
            ) as filled
            where not exists (select 1 from stock where quantity_at_start >= 0)
            on conflict (sku) do update set quantity_at_start = excluded.quantity_at_start;`,
  },
  open,
}
export default definition

/** The shop's first inventory fills the shelves: a database of one's own may have been used up. */
async function open({ database, identity }: ServiceContext): Promise<ServiceRoutes> {
  if (identity.id === 'inventory-1') await database.transaction(refill)
  return {
    routes: [
      { method: 'GET', path: '/stock', handle: listStock },
      { method: 'POST', path: '/stock/reset', handle: reset },
      { method: 'POST', path: '/reservations', handle: reserve },
      { method: 'DELETE', path: '/reservations/:id', handle: release },
    ],
  }
}

/** Makes the stock what it was at the start; the public API does not lead here. */
async function reset(request: ShopRequest): Promise<Answer> {
  const goods = await request.transaction(refill)
  return { status: 200, body: { status: 'reset', goods } }
}

/** Locks in the order of the sku, as reservations do: it waits for them and never deadlocks. */
async function refill(query: Query): Promise<number> {
  await query('select 1 from stock order by sku for update')
  const changed = await query(
    'update stock set quantity = quantity_at_start where quantity <> quantity_at_start returning 1',
  )
  return changed.length
}

async function listStock(request: ShopRequest): Promise<Answer> {
  const skus = listParam(request.search, 'skus')
  const stock = await request.query<Stock>('select sku, quantity from stock where sku = any ($1)', [
    skus,
  ])
  return { status: 200, body: { stock } }
}

/**
 * Takes goods off the shelf: all of them or none. The rows are locked in the order of their sku,
 * so two reservations of the same goods wait for each other and never deadlock.
 */
async function reserve(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const orderId = textField(body, ['order_id', 'orderId'])
  const region = optionalText(body, ['warehouse_region', 'warehouseRegion']) ?? 'any'
  const wanted = wantedItems(body)
  const skus = wanted.map(item => item.sku)
  const quantities = wanted.map(item => item.quantity)
  const id = `res-${randomUUID()}`
  await request.transaction(async query => {
    if (settings.countByRegion) await countFor(query, region, wanted)
    await mustHave(query, wanted)
    await valueOf(request, wanted)
    await query(
      `update stock set quantity = stock.quantity - wanted.quantity
       from unnest($1::text[], $2::int[]) as wanted (sku, quantity) where stock.sku = wanted.sku`,
      [skus, quantities],
    )
    await query('insert into reservations (id, order_id, region, items) values ($1, $2, $3, $4)', [
      ...[id, orderId, region, JSON.stringify(wanted)],
    ])
  })
  const reservation = { id, reservation_id: id, order_id: orderId, warehouse_region: region }
  return { status: 201, body: { ...reservation, status: 'reserved', items: wanted } }
}

async function mustHave(query: Query, wanted: readonly Stock[]): Promise<void> {
  const locked = await query<Stock>(
    'select sku, quantity from stock where sku = any ($1) order by sku for update',
    [wanted.map(item => item.sku)],
  )
  const onShelf = new Map(locked.map(row => [row.sku, row.quantity]))
  for (const { sku, quantity } of wanted) {
    const available = onShelf.get(sku)
    if (available === undefined) throw new Problem(422, `there is no product ${sku}`)
    if (available < quantity) {
      throw new Problem(409, `${sku} is out of stock: ${quantity} wanted, ${available} left`)
    }
  }
}

/** From here to the end of the transaction every other reservation for the region waits. */
async function countFor(query: Query, region: string, wanted: readonly Stock[]): Promise<void> {
  const pieces = wanted.reduce((sum, item) => sum + item.quantity, 0)
  await query(
    `insert into region_counts values ($1, $2)
     on conflict (region) do update set pieces = region_counts.pieces + excluded.pieces`,
    [region, pieces],
  )
  for (let look = 0; look < settings.looksWhileCounted; look += 1) {
    await query('select count(*) from stock where quantity < 10')
  }
}

async function valueOf(request: ShopRequest, items: readonly Stock[]): Promise<void> {
  for (let ask = 0; ask < settings.asksWhileLocked; ask += 1) {
    await pricesOf(request, { items, currency: 'USD' }, { entriesPerCall: 100, callsAtOnce: 1 })
  }
}

/** The items with the same sku added up, in the order of their sku. */
function wantedItems(body: JsonObject): Stock[] {
  const sums = new Map<string, number>()
  for (const item of objectListField(body, 'items')) {
    const sku = textField(item, ['sku', 'productId', 'product_id'])
    const quantity = integerField(item, 'quantity', { min: 1, max: 10_000 })
    sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  }
  return [...sums].sort().map(([sku, quantity]) => ({ sku, quantity }))
}

/** Puts reserved goods back, for an order that came to nothing. */
async function release(request: ShopRequest): Promise<Answer> {
  await request.transaction(async query => {
    const [reservation] = await query<{ items: Stock[] }>(
      'delete from reservations where id = $1 returning items',
      [request.param('id')],
    )
    if (!reservation) throw new Problem(404, `there is no reservation ${request.param('id')}`)
    const { items } = reservation
    await query('select 1 from stock where sku = any ($1) order by sku for update', [
      items.map(item => item.sku),
    ])
    await query(
      `update stock set quantity = stock.quantity + back.quantity
       from unnest($1::text[], $2::int[]) as back (sku, quantity) where stock.sku = back.sku`,
      [items.map(item => item.sku), items.map(item => item.quantity)],
    )
  })
  return { status: 204 }
}
