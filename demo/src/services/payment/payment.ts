import { randomUUID } from 'node:crypto'
import { amountFieldCents, listParam, optionalText, textField } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceDefinition } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'

export interface Payment {
  readonly id: string
  readonly orderId: string
  readonly amount: number
  readonly method: string
  readonly status: string
}

const definition: ServiceDefinition = {
  name: 'payment',
  settings: serviceSettings({ poolConnectionsMax: 8 }),
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
          create index if not exists by_order on payments (order_id);
          create table if not exists authorizations (
            id text primary key,
            user_id text not null,
            method text not null,
            created_at timestamptz not null default now()
          );
          insert into payments (id, order_id, amount_cents, method, status)
            select 'pay-' || n, 'ord-' || n, 4999, 'card', 'captured'
            from generate_series(784512, 784515) as n on conflict do nothing;`,
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

/** A card token with "declined" in it is declined, as test cards of payment providers are. */
function mustBeGood(token: string): void {
  if (/declined/i.test(token)) throw new Problem(402, 'the card was declined')
}

async function pay(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const orderId = textField(body, ['order_id', 'orderId'])
  const amountCents = amountFieldCents(body, 'amount')
  const method = optionalText(body, ['method', 'payment_method', 'paymentMethod']) ?? 'card'
  mustBeGood(method)
  const id = `pay-${randomUUID()}`
  await request.query(
    `insert into payments (id, order_id, amount_cents, method, status)
     values ($1, $2, $3, $4, 'captured')`,
    [id, orderId, amountCents, method],
  )
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
  mustBeGood(textField(body, 'token'))
  const id = `auth-${randomUUID()}`
  await request.query('insert into authorizations (id, user_id, method) values ($1, $2, $3)', [
    ...[id, request.userId ?? 'guest', method],
  ])
  return { status: 201, body: { id } }
}
