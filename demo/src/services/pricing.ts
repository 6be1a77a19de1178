import { listParam, textParam } from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { ServiceDefinition } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import { seedPriceCentsSql, seedSkusSql } from '../seed.ts'

export interface Price {
  readonly sku: string
  readonly amountCents: number
}

export interface PriceList {
  readonly currency: string
  readonly prices: readonly Price[]
}

const definition: ServiceDefinition = {
  name: 'pricing',
  settings: serviceSettings({ poolConnectionsMax: 8 }),
  schema: {
    name: 'shop_pricing',
    sql: `create table if not exists prices (
            sku text primary key,
            amount_cents int not null check (amount_cents > 0)
          );
          create table if not exists rates (
            currency text primary key,
            per_usd numeric not null check (per_usd > 0)
          );
          insert into prices (sku, amount_cents)
            select sku, ${seedPriceCentsSql} from (${seedSkusSql}) as goods
            on conflict do nothing;
          insert into rates values
            ('USD', 1), ('EUR', 0.92), ('GBP', 0.79), ('CAD', 1.37), ('AUD', 1.52), ('JPY', 151)
            on conflict do nothing;`,
  },
  open: () => ({
    routes: [
      {
        method: 'GET',
        path: '/prices',
        handle: async request => {
          const skus = listParam(request.search, 'skus')
          const currency = textParam(request.search, 'currency') ?? 'USD'
          const prices = await request.query<Price>(
            `select sku, ceil(amount_cents * per_usd)::int as "amountCents"
             from prices cross join rates where currency = $2 and sku = any ($1)`,
            [skus, currency],
          )
          if (prices.length === 0) await mustKnowCurrency(request.query, currency)
          const body: PriceList = { currency, prices }
          return { status: 200, body }
        },
      },
    ],
  }),
}
export default definition

async function mustKnowCurrency(
  query: Parameters<ServiceDefinition['open']>[0]['database']['query'],
  currency: string,
): Promise<void> {
  const rates = await query<{ currency: string }>('select currency from rates order by 1')
  if (rates.some(rate => rate.currency === currency)) return
  const known = rates.map(rate => rate.currency).join(', ')
  throw new Problem(400, `currency must be one of ${known}, not ${currency}`)
}
