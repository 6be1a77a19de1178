/** Other words that clients use for the orders in which the shop lists goods. */
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
