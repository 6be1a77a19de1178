import { Cache } from '../../kit/data/cache.ts'
import type { Query } from '../../kit/data/database.ts'
import { currencyParam, listParam } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { seedProductsSql } from '../../seed.ts'
import { outdatedRulesTable, unitPriceCents, type PriceRule } from './rules.ts'

export interface Price {
  readonly sku: string
  /** Of one piece, when as many are bought as were asked for. */
  readonly amountCents: number
}

export interface PriceList {
  readonly currency: string
  readonly prices: readonly Price[]
}

/** What makes a price besides the good itself. */
interface Terms {
  readonly perUsd: number
  readonly rules: readonly PriceRule[]
}

const settings = serviceSettings(
  { poolConnectionsMax: 8 },
  { cacheEntriesMax: 100, cacheTimeToLiveMs: 2_000 },
)

const definition: ServiceDefinition = {
  name: 'pricing',
  settings,
  schema: {
    name: 'shop_pricing',
    sql: `create table if not exists prices (
            sku text primary key,
            category text not null,
            amount_cents int not null check (amount_cents > 0)
          );
          create table if not exists rates (
            currency text primary key,
            per_usd numeric not null check (per_usd > 0)
          );
          create table if not exists price_rules (
            category text,
            currency text references rates,
            quantity_min int not null check (quantity_min > 1),
            percent_off int not null check (percent_off between 1 and 90)
          );
          alter table prices add column if not exists category text not null default '';
          insert into prices (sku, category, amount_cents)
            select sku, category, list_price_cents from (${seedProductsSql}) as goods
            where not exists (select 1 from prices where category <> '')
            on conflict (sku) do update set category = excluded.category;
          insert into rates values
            ('USD', 1), ('EUR', 0.92), ('GBP', 0.79), ('CAD', 1.37), ('AUD', 1.52), ('JPY', 151)
            on conflict do nothing;
          insert into price_rules
            select category, currency, step, 2 + step / 5 + number % 3
            from (select distinct category, ascii(category) as number from prices) as categories
              cross join rates cross join unnest(array[5, 10, 20, 50]) as step
            where not exists (select 1 from price_rules);`,
  },
  open,
}
export default definition

async function open({ metrics, database, identity }: ServiceContext): Promise<ServiceRoutes> {
  if (identity.id === 'pricing-1') {
    // In a database of one's own a shop that was killed may have left it.
    await database.query(`drop table if exists ${outdatedRulesTable}`)
  }
  const terms = new Cache<Terms>({ name: 'price_terms', settings, registry: metrics.registry })
  return {
    routes: [{ method: 'GET', path: '/prices', handle: request => listPrices(request, terms) }],
  }
}

async function listPrices(request: ShopRequest, cache: Cache<Terms>): Promise<Answer> {
  const skus = listParam(request.search, 'skus')
  const quantities = quantitiesOf(request.search, skus)
  const currency = currencyParam(request.search)
  const terms = await cache.get(currency, () => termsOf(request.query, currency))
  if (!terms) throw await unknownCurrency(request.query, currency)
  const goods = await request.query<{ sku: string; category: string; usdCents: number }>(
    'select sku, category, amount_cents as "usdCents" from prices where sku = any ($1)',
    [skus],
  )
  const prices = goods.map(good => {
    const quantity = quantities.get(good.sku) ?? 1
    const amountCents = unitPriceCents({ ...good, quantity }, terms.perUsd, terms.rules)
    return { sku: good.sku, amountCents }
  })
  const body: PriceList = { currency, prices }
  return { status: 200, body }
}

/** Pieces by sku, as listed in the same order as the skus; without a list one of each. */
function quantitiesOf(query: URLSearchParams, skus: readonly string[]): Map<string, number> {
  const texts = listParam(query, 'quantities')
  const good = texts.length === 0 || texts.length === skus.length
  if (!good || !texts.every(text => /^[1-9]\d{0,5}$/.test(text))) {
    throw new Problem(400, 'quantities must hold a whole number from 1 to 999999 for each sku')
  }
  return new Map(skus.map((sku, index) => [sku, Number(texts[index] ?? 1)]))
}

async function termsOf(query: Query, currency: string): Promise<Terms | undefined> {
  const [[rate], rules] = await Promise.all([
    query<{ perUsd: number }>('select per_usd::float8 as "perUsd" from rates where currency = $1', [
      currency,
    ]),
    query<PriceRule>(
      `select category, quantity_min as "quantityMin", percent_off as "percentOff"
       from price_rules where currency is null or currency = $1`,
      [currency],
    ),
  ])
  return rate && { perUsd: rate.perUsd, rules }
}

async function unknownCurrency(query: Query, currency: string): Promise<Problem> {
  const rates = await query<{ currency: string }>('select currency from rates order by 1')
  const known = rates.map(rate => rate.currency).join(', ')
  return new Problem(400, `currency must be one of ${known}, not ${currency}`)
}
