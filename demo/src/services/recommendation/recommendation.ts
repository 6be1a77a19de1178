import { fanOut } from '../../kit/calls/fan-out.ts'
import { jsonOf } from '../../kit/calls/peers.ts'
import { currencyParam, integerParam, textParam } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { seedSkusSql } from '../../seed.ts'
import type { Product } from '../catalog/products.ts'
import { placeOf, ranked, type Candidate } from './ranking.ts'

/** Read at each use. Two versions run the same code: only their settings differ. */
const settings = serviceSettings(
  { poolConnectionsMax: 6 },
  {
    /** Products in one call to the catalog; 1 asks for each on its own. */
    entriesPerCall: 3,
    callsAtOnce: 4,
    /** Rounds of arithmetic for one list: a costly model has many. */
    rankingRounds: 10,
    /** Share of the products for which the model has no weights, 0..1: those are answered 500. */
    untrainedRatio: 0,
  },
)

const definition: ServiceDefinition = {
  name: 'recommendation',
  settings,
  schema: {
    name: 'shop_recommendation',
    sql: `create table if not exists bought_together (
            sku text not null,
            other text not null,
            times int not null,
            primary key (sku, other)
          );
          insert into bought_together
            select goods.sku, 'sku-' || other, 1 + (goods.n * 53 + place * 211) % 997
            from (${seedSkusSql}) as goods cross join generate_series(1, 12) as place
              cross join lateral (select 2001 + (goods.n * 31 + place * 97) % 2000 as other) as near
            where other <> goods.n and not exists (select 1 from bought_together);`,
  },
  open,
}
export default definition

function open({ identity }: ServiceContext): ServiceRoutes {
  const handle = (request: ShopRequest) => recommend(request, identity.version)
  return { routes: [{ method: 'GET', path: '/recommendations', handle }] }
}

async function recommend(request: ShopRequest, version: string): Promise<Answer> {
  const { search } = request
  const productId = textParam(search, 'product_id') ?? textParam(search, 'productId')
  if (productId === undefined) throw new Problem(400, 'product_id is missing')
  const limit = integerParam(search, 'limit', { min: 1, max: 12, default: 6 })
  const currency = currencyParam(search)
  const candidates = await request.query<Candidate>(
    'select other as sku, times from bought_together where sku = $1 order by times desc, other',
    [productId],
  )
  if (candidates.length === 0) throw new Problem(404, `there is no product ${productId}`)
  if (placeOf(productId) < settings.untrainedRatio) {
    throw new Problem(500, `the model has no weights for ${productId}`)
  }
  const best = ranked(candidates, { rounds: settings.rankingRounds, limit })
  const products = await detailsOf(request, { skus: best.map(one => one.sku), currency })
  const recommendations = best.flatMap(({ sku, score }) => {
    const product = products.get(sku)
    return product ? [{ ...product, score }] : []
  })
  return { status: 200, body: { product_id: productId, version, recommendations } }
}

async function detailsOf(
  request: ShopRequest,
  wanted: { readonly skus: readonly string[]; readonly currency: string },
): Promise<Map<string, Product>> {
  const answers = await fanOut(wanted.skus, settings, async some => {
    const query = new URLSearchParams({ skus: some.join(','), currency: wanted.currency })
    const path = `/details?${query.toString()}`
    const answer = await request.call({ peer: 'catalog', method: 'GET', path })
    return jsonOf<{ readonly items: readonly Product[] }>(answer).items
  })
  return new Map(answers.flat().map(product => [product.sku, product]))
}
