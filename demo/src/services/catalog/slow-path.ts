import { createHash } from 'node:crypto'
import type { ShopRequest } from '../../kit/http/request.ts'

/** When a request looks for similar goods, and how long that takes; never in a healthy shop. */
export interface SlowPathSettings {
  /** Share of requests, 0..1; a request id always decides the same. */
  slowPathRatio: number
  /** Lists with at least so many goods do so too; 0: none. */
  slowPathListGoods: number
  /** Goods that are compared with all others: the time of the query is in proportion. */
  slowPathComparedGoods: number
}

export const noSlowPath = {
  slowPathRatio: 0,
  slowPathListGoods: 0,
  slowPathComparedGoods: 0,
}

/** Looks for goods that others mention, as no index can: each description with each name. */
export async function takeSlowPath(
  request: ShopRequest,
  settings: SlowPathSettings,
  goods: number,
): Promise<void> {
  const { slowPathRatio, slowPathListGoods, slowPathComparedGoods } = settings
  const isLongList = slowPathListGoods > 0 && goods >= slowPathListGoods
  if (!isLongList && !isChosen(request.headers['x-request-id'], slowPathRatio)) return
  await request.query(
    `select count(*) from (select name from products order by sku limit $1) as compared
       join products on position(lower(compared.name) in lower(products.description)) > 0`,
    [slowPathComparedGoods],
  )
}

/** Without an id nothing can be repeated: then never. */
function isChosen(requestId: string | string[] | undefined, ratio: number): boolean {
  if (ratio <= 0 || typeof requestId !== 'string') return false
  return createHash('sha256').update(requestId).digest().readUInt32BE() / 2 ** 32 < ratio
}
