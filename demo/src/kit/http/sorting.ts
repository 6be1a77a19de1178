/** The orders in which the shop lists goods, as SQL over the columns that goods have. */
export const sortOrders: ReadonlyMap<string, string> = new Map([
  ['popularity', 'popularity desc, sku'],
  ['name', 'name, sku'],
  ['price', 'list_price_cents, sku'],
  ['-price', 'list_price_cents desc, sku'],
  ['rating', 'rating desc, sku'],
  ['newest', 'added_at desc, sku'],
])

/** Other words that clients use for them. */
export const sortAliases: ReadonlyMap<string, string> = new Map([
  ['popular', 'popularity'],
  ['bestselling', 'popularity'],
  ['relevance', 'popularity'],
  ['name_asc', 'name'],
  ['price_asc', 'price'],
  ['price-asc', 'price'],
  ['price_desc', '-price'],
  ['price-desc', '-price'],
  ['rating_desc', 'rating'],
  ['-rating', 'rating'],
  ['new', 'newest'],
  ['created_at', 'newest'],
])
