/**
 * What every service is seeded with, so that all of them know the same goods, customers and
 * orders without asking each other. The known ones are part of the public API; the others are
 * numbered. Everything follows from the numbers: two shops hold the same data.
 */
const knownSkus = [
  ...['sku-1001', 'sku-1002', 'sku-1003', 'sku-1042', 'sku-1099'],
  ...['SKU-104583', 'SKU-204881', 'SKU-998120', 'SKU-100045', 'SKU-200112', 'SKU-300778'],
]

/** Never in stock, so that a 409 can be had at any time. */
export const soldOutSku = 'SKU-SOLDOUT'

/** A stock of 100, so that running out can be watched. */
export const limitedSku = 'SKU-LIMITED'

/** Customers loadtest+0@example.com to loadtest+1499@example.com have bought before. */
const seedCustomers = 1_500

const listed = [...knownSkus, soldOutSku, limitedSku].map(sku => `'${sku}'`).join(', ')

/** SQL that yields (sku text, n int): the listed goods and sku-2001 to sku-4000. */
export const seedSkusSql = `
  select sku, n::int from unnest(array[${listed}]) with ordinality as listed (sku, n)
  union all
  select 'sku-' || n, n from generate_series(2001, 4000) as n`

/** The list price in cents of the good numbered n, 4.99 to 204.98. */
const seedPriceCentsSql = '(499 + (n * 7919) % 20000)'

const nounsByCategory = {
  electronics: ['headphones', 'speaker', 'laptop', 'camera', 'monitor'],
  books: ['novel', 'atlas', 'cookbook', 'biography', 'dictionary'],
  home: ['lamp', 'chair', 'rug', 'mirror', 'shelf'],
  garden: ['rake', 'bench', 'planter', 'hose', 'lantern'],
  toys: ['puzzle', 'kite', 'robot', 'train', 'doll'],
  sports: ['tent', 'racket', 'backpack', 'helmet', 'skateboard'],
  fashion: ['jacket', 'shoes', 'watch', 'scarf', 'belt'],
  kitchen: ['kettle', 'pan', 'knife', 'blender', 'mug'],
} as const

const categories = Object.keys(nounsByCategory)

const sqlArray = (words: readonly string[]) => `array[${words.map(word => `'${word}'`).join(', ')}]`

const adjectives = ['Compact', 'Classic', 'Quiet', 'Bright', 'Sturdy', 'Light', 'Warm']

/**
 * SQL that yields the goods as the shop describes them: (sku, n, name, description, category,
 * list_price_cents, rating, popularity, added_at).
 */
export const seedProductsSql = `
  select sku, n, adjective || ' ' || noun || ' ' || n as name,
    'A ' || lower(adjective) || ' ' || noun || ' for everyone who likes ' || category
      || '. Made to be looked at, compared and bought.' as description,
    category, ${seedPriceCentsSql} as list_price_cents, (3 + (n % 21) / 10.0)::real as rating,
    (n * 6421) % 10007 as popularity, timestamptz '2025-01-01' + n * interval '1 hour' as added_at
  from (
    select sku, n, (${sqlArray(categories)})[1 + n % 8] as category,
      (${sqlArray(adjectives)})[1 + n % 7] as adjective,
      (${sqlArray(Object.values(nounsByCategory).flat())})[1 + n % 8 * 5 + n / 8 % 5] as noun
    from (${seedSkusSql}) as numbered
  ) as described`

/** SQL that yields (customer int, user_id text, email text). */
export const seedCustomersSql = `
  select customer, email, 'usr-' || left(encode(sha256(email::bytea), 'hex'), 12) as user_id
  from (
    select customer, 'loadtest+' || customer || '@example.com' as email
    from generate_series(0, ${seedCustomers - 1}) as customer
  ) as addresses`

/**
 * SQL that yields the lines of all old orders: (order_id, sku, quantity, unit_price_cents). A
 * customer has three to six orders with one to four lines each.
 */
export const seedOrderItemsSql = `
  select 'ord-' || known as order_id, 'sku-1001' as sku, 1 as quantity, 4999 as unit_price_cents
  from generate_series(784512, 784515) as known
  union all
  select 'ord-h' || customer || '-' || turn, 'sku-' || n, 1 + (customer + place) % 3,
    ${seedPriceCentsSql}
  from generate_series(0, ${seedCustomers - 1}) as customer
    cross join lateral generate_series(1, 3 + customer % 4) as turn
    cross join lateral generate_series(0, (customer + turn) % 4) as place
    cross join lateral (
      select 2001 + (customer * 37 + turn * 11 + place * 503) % 2000 as n
    ) as good`

/**
 * SQL that yields all old orders, each with its one shipment: (order_id, user_id, created_at,
 * total_cents, tracking_id, carrier).
 */
export const seedOrdersSql = `
  select order_id, user_id, created_at, total_cents, tracking_id, carrier
  from (
    select 'ord-' || known as order_id, 'usr-demo' as user_id,
      timestamptz '2025-06-01' + (known - 784512) * interval '1 day' as created_at,
      'trk-' || carrier || '-' || (known - 784511) * 10000 + known - 784511 as tracking_id,
      carrier
    from generate_series(784512, 784515) as known
      cross join lateral (select ${carrierOf('known - 784512')} as carrier) as sent
    union all
    select 'ord-h' || customer || '-' || turn, user_id,
      timestamptz '2025-01-10' + turn * interval '23 days' + customer * interval '7 minutes',
      'trk-' || carrier || '-' || 100000 + customer * 10 + turn, carrier
    from (${seedCustomersSql}) as customers
      cross join lateral generate_series(1, 3 + customer % 4) as turn
      cross join lateral (select ${carrierOf('customer + turn')} as carrier) as sent
  ) as heads
  join (
    select order_id, sum(quantity * unit_price_cents)::int as total_cents
    from (${seedOrderItemsSql}) as lines group by order_id
  ) as totals using (order_id)`

function carrierOf(numberSql: string): string {
  return `(array['UPS', 'FDX', 'DHL'])[1 + (${numberSql}) % 3]`
}
