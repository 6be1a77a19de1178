import { integerParam, textParam } from '../../kit/http/input.ts'
import { jsonOf } from '../../kit/calls/peers.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceDefinition } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { seedPriceCentsSql, seedSkusSql } from '../../seed.ts'
import type { Stock } from '../inventory/inventory.ts'
import type { PriceList } from '../pricing.ts'

interface ProductRow {
  readonly sku: string
  readonly name: string
  readonly description: string
  readonly category: string
  readonly rating: number
}

/** A product as the public API shows it. */
export interface Product extends Omit<ProductRow, 'sku'> {
  readonly id: string
  readonly sku: string
  readonly price: number
  readonly currency: string
  readonly stock: number
  readonly in_stock: boolean
}

const columns = 'sku, name, description, category, rating'

const orderings = new Map([
  ['popularity', 'popularity desc, sku'],
  ['name', 'name, sku'],
  ['price', 'list_price_cents, sku'],
  ['-price', 'list_price_cents desc, sku'],
  ['rating', 'rating desc, sku'],
  ['newest', 'added_at desc, sku'],
])

/** Other words that clients use for the same orders. */
const sortAliases = new Map([
  ['popular', 'popularity'],
  ['relevance', 'popularity'],
  ['bestselling', 'popularity'],
  ['name_asc', 'name'],
  ['price_asc', 'price'],
  ['price-asc', 'price'],
  ['price_desc', '-price'],
  ['price-desc', '-price'],
  ['rating_desc', 'rating'],
  ['new', 'newest'],
  ['created_at', 'newest'],
])

const definition: ServiceDefinition = {
  name: 'catalog',
  settings: serviceSettings({ poolConnectionsMax: 10 }),
  schema: {
    name: 'shop_catalog',
    sql: `create table if not exists products (
            sku text primary key,
            name text not null,
            description text not null,
            category text not null,
            list_price_cents int not null,
            rating real not null,
            popularity int not null,
            added_at timestamptz not null
          );
          insert into products
            select sku,
              (array['Compact', 'Classic', 'Quiet', 'Bright', 'Sturdy', 'Light', 'Warm'])[1 + n % 7]
                || ' ' || (array['lamp', 'novel', 'kettle', 'speaker', 'tent', 'puzzle', 'jacket',
                'chair', 'headset', 'atlas', 'pan'])[1 + n % 11] || ' ' || n,
              'Number ' || n || ' of a range that was made to be looked at, compared and bought.',
              (array['electronics', 'books', 'home', 'garden', 'toys', 'sports', 'fashion',
                'kitchen'])[1 + n % 8],
              ${seedPriceCentsSql}, 3 + (n % 21) / 10.0, (n * 6421) % 10007,
              timestamptz '2025-01-01' + n * interval '1 hour'
            from (${seedSkusSql}) as goods
            on conflict do nothing;
          create index if not exists by_popularity on products (popularity desc, sku);
          create index if not exists by_category on products (category, popularity desc, sku);`,
  },
  open: () => ({
    routes: [
      { method: 'GET', path: '/products', handle: listProducts },
      { method: 'GET', path: '/products/:sku', handle: showProduct },
    ],
  }),
}
export default definition

async function listProducts(request: ShopRequest): Promise<Answer> {
  const { search } = request
  const category = textParam(search, 'category')
  const page = integerParam(search, 'page', { min: 1, max: 10_000, default: 1 })
  const size = ['pageSize', 'page_size', 'limit']
  const pageSize = integerParam(search, size, { min: 1, max: 100, default: 20 })
  const order = orderOf(textParam(search, 'sort') ?? 'popularity')
  const where = category === undefined ? '' : 'where category = $1'
  const values = category === undefined ? [] : [category]
  const [rows, [count]] = await Promise.all([
    request.query<ProductRow>(
      `select ${columns} from products ${where} order by ${order}
       limit $${values.length + 1} offset $${values.length + 2}`,
      [...values, pageSize, (page - 1) * pageSize],
    ),
    request.query<{ total: number }>(
      `select count(*)::int as total from products ${where}`,
      values,
    ),
  ])
  const items = await withPriceAndStock(request, rows)
  return { status: 200, body: { items, page, pageSize, total: count?.total ?? 0 } }
}

async function showProduct(request: ShopRequest): Promise<Answer> {
  const rows = await request.query<ProductRow>(`select ${columns} from products where sku = $1`, [
    request.param('sku'),
  ])
  const [product] = await withPriceAndStock(request, rows)
  if (!product) throw new Problem(404, `there is no product ${request.param('sku')}`)
  return { status: 200, body: product }
}

/** Asks pricing and inventory at once, one batch each. */
async function withPriceAndStock(
  request: ShopRequest,
  rows: readonly ProductRow[],
): Promise<Product[]> {
  if (rows.length === 0) return []
  const currency = textParam(request.search, 'currency') ?? 'USD'
  const skus = encodeURIComponent(rows.map(row => row.sku).join(','))
  const rate = encodeURIComponent(currency)
  const [priced, stocked] = await Promise.all([
    request.call({
      ...{ peer: 'pricing', method: 'GET', path: `/prices?skus=${skus}&currency=${rate}` },
    }),
    request.call({ peer: 'inventory', method: 'GET', path: `/stock?skus=${skus}` }),
  ])
  const prices = new Map(jsonOf<PriceList>(priced).prices.map(one => [one.sku, one.amountCents]))
  const { stock } = jsonOf<{ stock: Stock[] }>(stocked)
  const quantities = new Map(stock.map(one => [one.sku, one.quantity]))
  return rows.map(row => {
    const quantity = quantities.get(row.sku) ?? 0
    const price = (prices.get(row.sku) ?? 0) / 100
    return { id: row.sku, ...row, price, currency, stock: quantity, in_stock: quantity > 0 }
  })
}

function orderOf(sort: string): string {
  const order = orderings.get(sortAliases.get(sort) ?? sort)
  if (order !== undefined) return order
  throw new Problem(400, `sort must be one of ${[...orderings.keys()].join(', ')}, not ${sort}`)
}
