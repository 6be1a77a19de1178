/**
 * The goods every service with goods in it is seeded with. The known ones are part of the public
 * API; the others are numbered.
 */
export const knownSkus = [
  ...['sku-1001', 'sku-1002', 'sku-1003', 'sku-1042', 'sku-1099'],
  ...['SKU-104583', 'SKU-204881', 'SKU-998120', 'SKU-100045', 'SKU-200112', 'SKU-300778'],
]

/** Never in stock, so that a 409 can be had at any time. */
export const soldOutSku = 'SKU-SOLDOUT'

/** A stock of 100, so that running out can be watched. */
export const limitedSku = 'SKU-LIMITED'

const listed = [...knownSkus, soldOutSku, limitedSku].map(sku => `'${sku}'`).join(', ')

/** SQL that yields (sku text, n int): the listed goods and sku-2001 to sku-4000. */
export const seedSkusSql = `
  select sku, n::int from unnest(array[${listed}]) with ordinality as listed (sku, n)
  union all
  select 'sku-' || n, n from generate_series(2001, 4000) as n`

/** The list price in cents of the good numbered n, 4.99 to 204.98. */
export const seedPriceCentsSql = '(499 + (n * 7919) % 20000)'
