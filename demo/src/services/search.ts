import { choiceParam, currencyParam, integerParam, textParam } from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../kit/http/request.ts'
import { sortAliases, sortOrders } from '../kit/http/sorting.ts'
import type { ServiceDefinition } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import { offersOf } from './offers.ts'
import { seedProductsSql } from '../seed.ts'

interface FoundRow {
  readonly sku: string
  readonly name: string
  readonly category: string
  readonly rating: number
  readonly score: number
  readonly total: number
}

const settings = serviceSettings(
  { poolConnectionsMax: 8 },
  { entriesPerCall: 100, callsAtOnce: 4, useIndex: true },
)

const orderings = new Map([['relevance', 'score desc, popularity desc, sku'], ...sortOrders])

const definition: ServiceDefinition = {
  name: 'search',
  settings,
  schema: {
    name: 'shop_search',
    // Search has the goods' texts once more, cut into words: the catalog's tables are its own.
    sql: `create table if not exists documents (
            sku text primary key,
            name text not null,
            category text not null,
            list_price_cents int not null,
            rating real not null,
            popularity int not null,
            added_at timestamptz not null,
            words tsvector not null
          );
          insert into documents
            select sku, name, category, list_price_cents, rating, popularity, added_at,
              setweight(to_tsvector('english', sku || ' ' || name), 'A')
                || setweight(to_tsvector('english', category), 'B')
                || setweight(to_tsvector('english', description), 'C')
            from (${seedProductsSql}) as goods where not exists (select 1 from documents);
          create index if not exists by_word on documents using gin (words);`,
  },
  open: () => ({ routes: [{ method: 'GET', path: '/search', handle: search }] }),
}
export default definition

async function search(request: ShopRequest): Promise<Answer> {
  const query = request.search
  const text = textParam(query, 'q')?.trim() ?? ''
  if (text === '') throw new Problem(400, 'q is missing: say what to look for')
  if (text.length > 200) throw new Problem(400, 'q must be a text of 1 to 200 characters')
  const words = [...orderings.keys()]
  const sort = choiceParam(query, 'sort', { words, aliases: sortAliases, default: 'relevance' })
  const page = integerParam(query, 'page', { min: 1, max: 1_000, default: 1 })
  const size = ['pageSize', 'page_size', 'limit']
  const pageSize = integerParam(query, size, { min: 1, max: 100, default: 20 })
  const rows = await found(request, { text, sort, pageSize, skipped: (page - 1) * pageSize })
  const skus = rows.map(row => row.sku)
  const offerOf = await offersOf(request, { skus, currency: currencyParam(query) }, settings)
  const items = rows.map(({ sku, name, category, rating, score }) => {
    return { id: sku, sku, name, category, rating, score, ...offerOf(sku) }
  })
  return { status: 200, body: { q: text, sort, items, page, pageSize, total: rows[0]?.total ?? 0 } }
}

function found(
  request: ShopRequest,
  wanted: {
    readonly text: string
    readonly sort: string
    readonly pageSize: number
    readonly skipped: number
  },
): Promise<FoundRow[]> {
  // Without the index every document is read and cut into words again, as in a shop that forgot it.
  const words = settings.useIndex ? 'words' : `to_tsvector('english', name || ' ' || category)`
  return request.query<FoundRow>(
    `select sku, name, category, rating, ts_rank(${words}, asked) as score,
       count(*) over ()::int as total
     from documents cross join websearch_to_tsquery('english', $1) as asked
     where ${words} @@ asked order by ${orderings.get(wanted.sort)} limit $2 offset $3`,
    [wanted.text, wanted.pageSize, wanted.skipped],
  )
}
