import { fanOut, type FanOutSettings } from '../../kit/calls/fan-out.ts'
import type { Cache } from '../../kit/data/cache.ts'
import {
  choiceParam,
  currencyParam,
  integerParam,
  listParam,
  textParam,
} from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import { sortAliases, sortOrders } from '../../kit/http/sorting.ts'
import { offersOf, type Offer } from '../offers.ts'
import { takeSlowPath, type SlowPathSettings } from './slow-path.ts'

export interface ProductRow {
  readonly sku: string
  readonly name: string
  readonly description: string
  readonly category: string
  readonly rating: number
}

/** A product as the public API shows it. */
export interface Product extends ProductRow, Offer {
  readonly id: string
}

/** A product's name, for services that show what somebody bought. */
export type ProductName = Pick<ProductRow, 'sku' | 'name'>

export interface Catalog {
  readonly settings: FanOutSettings & SlowPathSettings
  readonly products: Cache<ProductRow>
  /** How many products a category has; '' stands for all of them. */
  readonly counts: Cache<number>
}

const columns = 'sku, name, description, category, rating'

export async function listProducts(request: ShopRequest, catalog: Catalog): Promise<Answer> {
  const { search } = request
  const category = textParam(search, 'category')
  const page = integerParam(search, 'page', { min: 1, max: 10_000, default: 1 })
  const size = ['pageSize', 'page_size', 'limit']
  const pageSize = integerParam(search, size, { min: 1, max: 100, default: 20 })
  const words = [...sortOrders.keys()]
  const sort = choiceParam(search, 'sort', { words, aliases: sortAliases, default: 'popularity' })
  await takeSlowPath(request, catalog.settings, pageSize)
  const where = category === undefined ? '' : 'where category = $1'
  const values = category === undefined ? [] : [category]
  const [rows, total] = await Promise.all([
    request.query<ProductRow>(
      `select ${columns} from products ${where} order by ${sortOrders.get(sort)}
       limit $${values.length + 1} offset $${values.length + 2}`,
      [...values, pageSize, (page - 1) * pageSize],
    ),
    catalog.counts.get(category ?? '', () => countOf(request, where, values)),
  ])
  const items = await withOffers(request, catalog, rows)
  return { status: 200, body: { items, page, pageSize, total: total ?? 0 } }
}

/** One product; `quantity` in the query asks for the price of a piece when so many are bought. */
export async function showProduct(request: ShopRequest, catalog: Catalog): Promise<Answer> {
  const sku = request.param('sku')
  await takeSlowPath(request, catalog.settings, 1)
  const [product] = await withOffers(request, catalog, await known(request, catalog, [sku]))
  if (!product) throw new Problem(404, `there is no product ${sku}`)
  return { status: 200, body: product }
}

/** The products named in `skus`, in that order; unknown ones are left out. */
export async function showDetails(request: ShopRequest, catalog: Catalog): Promise<Answer> {
  const rows = await known(request, catalog, listParam(request.search, 'skus'))
  return { status: 200, body: { items: await withOffers(request, catalog, rows) } }
}

export async function showNames(request: ShopRequest, catalog: Catalog): Promise<Answer> {
  const rows = await known(request, catalog, listParam(request.search, 'skus'))
  const items: ProductName[] = rows.map(({ sku, name }) => ({ sku, name }))
  return { status: 200, body: { items } }
}

/** Descriptions from the cache; those that are missing there with one query. */
async function known(
  request: ShopRequest,
  catalog: Catalog,
  skus: readonly string[],
): Promise<ProductRow[]> {
  const found = await catalog.products.many(skus, async missing => {
    const found = await fanOut(missing, catalog.settings, some =>
      request.query<ProductRow>(`select ${columns} from products where sku = any ($1)`, [some]),
    )
    return new Map(found.flat().map(row => [row.sku, row]))
  })
  return skus.flatMap(sku => found.get(sku) ?? [])
}

async function countOf(
  request: ShopRequest,
  where: string,
  values: readonly string[],
): Promise<number | undefined> {
  const sql = `select count(*)::int as total from products ${where}`
  const [count] = await request.query<{ total: number }>(sql, values)
  return count?.total
}

async function withOffers(
  request: ShopRequest,
  catalog: Catalog,
  rows: readonly ProductRow[],
): Promise<Product[]> {
  const currency = currencyParam(request.search)
  const quantity = integerParam(request.search, 'quantity', { min: 1, max: 10_000, default: 1 })
  const skus = rows.map(row => row.sku)
  const offerOf = await offersOf(request, { skus, currency, quantity }, catalog.settings)
  return rows.map(row => ({ id: row.sku, ...row, ...offerOf(row.sku) }))
}
