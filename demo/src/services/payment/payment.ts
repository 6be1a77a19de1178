import { randomUUID } from 'node:crypto'
import { amountFieldCents, listParam, optionalText, textField } from '../../kit/http/input.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceDefinition } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { seedOrdersSql } from '../../seed.ts'
import { chargeAtBank } from './charging.ts'

export interface Payment {
  readonly id: string
  readonly orderId: string
  readonly amount: number
  readonly method: string
  readonly status: string
}

const settings = serviceSettings(
  {
    poolConnectionsMax: 8,
    // Shorter than its callers wait, so that they hear which side was too slow.
    callTimeoutMs: 2_000,
  },
  {
    /** Keeps a transaction, and with it a connection, open while the bank is asked. */
    chargeInTransaction: false,
  },
)

const definition: ServiceDefinition = {
  name: 'payment',
  settings,
  schema: {
    name: 'shop_payment',
    sql: `create table if not exists payments (
            id text primary key,
            order_id text not null,
            amount_cents int not null,
            method text not null,
            status text not null,
            created_at timestamptz not null default now()
          );
          alter table payments add column if not exists charge_id text;
          create index if not exists by_order on payments (order_id);
          create table if not exists authorizations (
            id text primary key,
            user_id text not null,
            method text not null,
            created_at timestamptz not null default now()
          );
          alter table authorizations add column if not exists charge_id text;
          insert into payments (id, order_id, amount_cents, method, status, created_at)
            select 'pay' || substr(order_id, 4), order_id, total_cents, 'card', 'captured',
              created_at
            from (${seedOrdersSql}) as old where not exists (select 1 from payments);`,
  },
  open: () => ({
    routes: [
      { method: 'POST', path: '/payments', handle: pay },
      { method: 'GET', path: '/payments', handle: list },
      { method: 'POST', path: '/authorizations', handle: authorize },
    ],
  }),
}
export default definition

const insertSql = `insert into payments (id, order_id, amount_cents, method, status, charge_id)
  values ($1, $2, $3, $4, 'captured', $5)`

/** The bank first, then the row: no connection of the pool waits for the bank, unless told so. */
async function pay(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const orderId = textField(body, ['order_id', 'orderId'])
  const amountCents = amountFieldCents(body, 'amount')
  const method = optionalText(body, ['method', 'payment_method', 'paymentMethod']) ?? 'card'
  const currency = optionalText(body, 'currency') ?? 'USD'
  const charge = { token: method, amountCents, currency, capture: true }
  const id = `pay-${randomUUID()}`
  const payment = [id, orderId, amountCents, method]
  if (settings.chargeInTransaction) {
    await request.transaction(async query => {
      await query('select 1 from payments where order_id = $1 for update', [orderId])
      await query(insertSql, [...payment, await chargeAtBank(request, charge)])
    })
  } else {
    await request.query(insertSql, [...payment, await chargeAtBank(request, charge)])
  }
  const paid = { id, payment_id: id, order_id: orderId, amount: amountCents / 100 }
  return { status: 200, body: { ...paid, status: 'captured' } }
}

async function list(request: ShopRequest): Promise<Answer> {
  const payments = await request.query<Payment>(
    `select id, order_id as "orderId", amount_cents / 100.0::float8 as amount, method, status
     from payments where order_id = any ($1) order by created_at`,
    [listParam(request.search, 'order_ids')],
  )
  return { status: 200, body: { payments } }
}

async function authorize(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const method = textField(body, 'method')
  const token = textField(body, 'token')
  const charge = { token, amountCents: 0, currency: 'USD', capture: false }
  const chargeId = await chargeAtBank(request, charge)
  const id = `auth-${randomUUID()}`
  await request.query(
    'insert into authorizations (id, user_id, method, charge_id) values ($1, $2, $3, $4)',
    [id, request.userId ?? 'guest', method, chargeId],
  )
  return { status: 201, body: { id } }
}
