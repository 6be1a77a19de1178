import { randomUUID } from 'node:crypto'
import { jsonOf } from '../kit/calls/peers.ts'
import { integerField, optionalCurrency, textField, type JsonObject } from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../kit/http/request.ts'
import type { ServiceDefinition } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import { signedIn } from '../kit/http/signed-in.ts'
import { pricesOf } from './offers.ts'
import type { Product } from './catalog/products.ts'

export interface CartItem {
  readonly sku: string
  readonly quantity: number
  readonly unitPriceCents: number
}

/** What an order takes out of a cart. */
export interface TakenCart {
  readonly cartId: string
  readonly currency: string
  readonly region: string
  readonly items: readonly CartItem[]
}

interface CartRow {
  readonly id: string
  readonly userId: string | null
  readonly currency: string
  readonly region: string
}

/** Different goods in one cart. */
const linesMax = 100

const settings = serviceSettings(
  { poolConnectionsMax: 10 },
  { entriesPerCall: 100, callsAtOnce: 4 },
)

const cartColumns = 'id, user_id as "userId", currency, region'

const definition: ServiceDefinition = {
  name: 'cart',
  settings,
  schema: {
    name: 'shop_cart',
    sql: `create table if not exists carts (
            id text primary key,
            user_id text,
            is_own boolean not null,
            currency text not null,
            region text not null,
            created_at timestamptz not null default now()
          );
          create unique index if not exists own_cart on carts (user_id) where is_own;
          create table if not exists cart_items (
            cart_id text not null references carts on delete cascade,
            sku text not null,
            quantity int not null check (quantity > 0),
            unit_price_cents int not null,
            primary key (cart_id, sku)
          );`,
  },
  open: () => ({
    routes: [
      { method: 'GET', path: '/own', handle: showOwn },
      { method: 'POST', path: '/own/items', handle: addToOwn },
      { method: 'POST', path: '/carts', handle: create },
      { method: 'POST', path: '/carts/:id/items', handle: addToCart },
      { method: 'POST', path: '/carts/:id/take', handle: take },
      { method: 'POST', path: '/carts/:id/restore', handle: restore },
    ],
  }),
}
export default definition

/** The cart at today's prices: what an order would cost now. */
async function showOwn(request: ShopRequest): Promise<Answer> {
  const cart = await ownCart(request, undefined)
  const { currency, region } = cart
  const items = await request.query<CartItem>(
    `select sku, quantity, unit_price_cents as "unitPriceCents" from cart_items
     where cart_id = $1 order by sku`,
    [cart.id],
  )
  const prices = await pricesOf(request, { items, currency }, settings)
  const priced = items.map(item => {
    return { ...item, unitPriceCents: prices.get(item.sku) ?? item.unitPriceCents }
  })
  const totalCents = priced.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, 0)
  const lines = priced.map(({ sku, quantity, unitPriceCents }) => {
    return { product_id: sku, sku, quantity, unit_price: unitPriceCents / 100 }
  })
  const body = { ...idsOf(cart), currency, region, items: lines, total: totalCents / 100 }
  return { status: 200, body }
}

async function addToOwn(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  return addItem(request, await ownCart(request, optionalCurrency(body)), body)
}

async function create(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  textField(body, 'currency')
  const currency = optionalCurrency(body) ?? 'USD'
  const region = textField(body, 'region')
  await mustBeTraded(request, currency)
  const id = `cart-${randomUUID()}`
  await request.query(
    'insert into carts (id, user_id, is_own, currency, region) values ($1, $2, false, $3, $4)',
    [id, request.userId ?? null, currency, region],
  )
  return { status: 201, body: { ...idsOf({ id }), currency, region, items: [] } }
}

async function addToCart(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  return addItem(request, await cartById(request), body)
}

/** The catalog is asked first: it knows whether the product exists and what it costs. */
async function addItem(request: ShopRequest, cart: CartRow, body: JsonObject): Promise<Answer> {
  const sku = textField(body, ['productId', 'product_id', 'sku'])
  const quantity = integerField(body, 'quantity', { min: 1, max: 100 })
  const product = await productOf(request, { sku, quantity, currency: cart.currency })
  const priceCents = Math.round(product.price * 100)
  const [line] = await request.query<{ quantity: number }>(
    `insert into cart_items (cart_id, sku, quantity, unit_price_cents)
     select $1, $2, $3::int, $4::int
     where (select count(*) from cart_items where cart_id = $1 and sku <> $2) < $5::int
     on conflict (cart_id, sku) do update
       set quantity = least(1000, cart_items.quantity + excluded.quantity),
           unit_price_cents = excluded.unit_price_cents
     returning quantity`,
    [cart.id, sku, quantity, priceCents, linesMax],
  )
  if (!line) throw new Problem(422, `a cart holds at most ${linesMax} different products`)
  const item = { product_id: sku, sku, quantity: line.quantity, unit_price: product.price }
  return { status: 201, body: { ...idsOf(cart), currency: cart.currency, item } }
}

async function productOf(
  request: ShopRequest,
  wanted: { readonly sku: string; readonly quantity: number; readonly currency: string },
): Promise<Product> {
  const { sku, quantity, currency } = wanted
  const path = `/products/${encodeURIComponent(sku)}?currency=${currency}&quantity=${quantity}`
  try {
    return jsonOf<Product>(await request.call({ peer: 'catalog', method: 'GET', path }))
  } catch (error) {
    // To the caller the cart exists and the product in the body does not: that is not a 404.
    if (error instanceof Problem && error.status === 404) throw new Problem(422, error.message)
    throw error
  }
}

/** Empties a cart and answers what was in it, at once: no two orders get the same goods. */
async function take(request: ShopRequest): Promise<Answer> {
  const cart = await cartById(request)
  const items = await request.query<CartItem>(
    `delete from cart_items where cart_id = $1
     returning sku, quantity, unit_price_cents as "unitPriceCents"`,
    [cart.id],
  )
  if (items.length === 0) throw new Problem(409, `cart ${cart.id} is empty`)
  const { currency, region } = cart
  const body: TakenCart = { cartId: cart.id, currency, region, items }
  return { status: 200, body }
}

/** Puts back what an order took and could not keep. */
async function restore(request: ShopRequest): Promise<Answer> {
  const cart = await cartById(request)
  const { items } = (await request.json()) as unknown as Pick<TakenCart, 'items'>
  await request.query(
    `insert into cart_items (cart_id, sku, quantity, unit_price_cents)
       select $1, * from unnest($2::text[], $3::int[], $4::int[])
     on conflict (cart_id, sku) do update
       set quantity = least(1000, cart_items.quantity + excluded.quantity)`,
    [
      cart.id,
      items.map(item => item.sku),
      items.map(item => item.quantity),
      items.map(item => item.unitPriceCents),
    ],
  )
  return { status: 204 }
}

/**
 * The signed-in user's cart; the first use makes it. An empty cart takes the currency that is
 * asked for; one with goods in it keeps its own.
 */
async function ownCart(request: ShopRequest, currency: string | undefined): Promise<CartRow> {
  const userId = signedIn(request)
  const cart = await foundOrMade(request, userId)
  if (currency === undefined || currency === cart.currency) return cart
  await mustBeTraded(request, currency)
  const [changed] = await request.query<CartRow>(
    `update carts set currency = $2
     where id = $1 and not exists (select 1 from cart_items where cart_id = $1)
     returning ${cartColumns}`,
    [cart.id, currency],
  )
  if (changed) return changed
  throw new Problem(409, `the cart holds goods priced in ${cart.currency}, not ${currency}`)
}

async function foundOrMade(request: ShopRequest, userId: string): Promise<CartRow> {
  const find = `select ${cartColumns} from carts where user_id = $1 and is_own`
  const [found] = await request.query<CartRow>(find, [userId])
  if (found) return found
  await request.query(
    `insert into carts (id, user_id, is_own, currency, region) values ($1, $2, true, 'USD', 'any')
     on conflict do nothing`,
    [`cart-${randomUUID()}`, userId],
  )
  const [made] = await request.query<CartRow>(find, [userId])
  if (!made) throw new Error(`no cart for ${userId} right after it was made`)
  return made
}

/** Pricing refuses a currency that it has no rate for; a cart must never have such a one. */
async function mustBeTraded(request: ShopRequest, currency: string): Promise<void> {
  await request.call({ peer: 'pricing', method: 'GET', path: `/prices?currency=${currency}` })
}

/** A guest's cart belongs to whoever knows its id; a user's cart to that user. */
async function cartById(request: ShopRequest): Promise<CartRow> {
  const id = request.param('id')
  const [cart] = await request.query<CartRow>(`select ${cartColumns} from carts where id = $1`, [
    id,
  ])
  if (!cart || (cart.userId !== null && cart.userId !== request.userId)) {
    throw new Problem(404, `there is no cart ${id}`)
  }
  return cart
}

const idsOf = ({ id }: { readonly id: string }) => ({ id, cart_id: id, cartId: id })
