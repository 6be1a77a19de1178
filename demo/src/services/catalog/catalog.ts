import { Cache } from '../../kit/data/cache.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { seedProductsSql } from '../../seed.ts'
import { noSlowPath } from './slow-path.ts'
import {
  listProducts,
  showDetails,
  showNames,
  showProduct,
  type Catalog,
  type ProductRow,
} from './products.ts'

/** How pricing and inventory are asked, and how long descriptions are kept. Never the stock. */
const settings = serviceSettings(
  { poolConnectionsMax: 10 },
  {
    cacheEntriesMax: 3_000,
    cacheTimeToLiveMs: 5_000,
    entriesPerCall: 100,
    callsAtOnce: 4,
    ...noSlowPath,
  },
)

const definition: ServiceDefinition = {
  name: 'catalog',
  settings,
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
            select sku, name, description, category, list_price_cents, rating, popularity, added_at
            from (${seedProductsSql}) as goods where not exists (select 1 from products);
          create index if not exists by_popularity on products (popularity desc, sku);
          create index if not exists by_category on products (category, popularity desc, sku);`,
  },
  open,
}
export default definition

function open({ metrics: { registry } }: ServiceContext): ServiceRoutes {
  const catalog: Catalog = {
    settings,
    products: new Cache<ProductRow>({ name: 'products', settings, registry }),
    counts: new Cache<number>({ name: 'product_counts', settings, registry }),
  }
  return {
    routes: [
      { method: 'GET', path: '/products', handle: request => listProducts(request, catalog) },
      { method: 'GET', path: '/products/:sku', handle: request => showProduct(request, catalog) },
      { method: 'GET', path: '/details', handle: request => showDetails(request, catalog) },
      { method: 'GET', path: '/names', handle: request => showNames(request, catalog) },
    ],
  }
}
