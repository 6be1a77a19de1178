import type { ShopRequest } from '../kit/http/request.ts'
import { fanOut, type FanOutSettings } from '../kit/calls/fan-out.ts'
import { jsonOf } from '../kit/calls/peers.ts'
import type { Stock } from './inventory/inventory.ts'
import type { PriceList } from './pricing/pricing.ts'

/** What a good costs and whether it can be had. */
export interface Offer {
  readonly price: number
  readonly currency: string
  readonly stock: number
  readonly in_stock: boolean
}

interface Wanted {
  readonly skus: readonly string[]
  readonly currency: string
  /** Pieces of each; more can be cheaper. @default 1 */
  readonly quantity?: number | undefined
}

/** Asks pricing and inventory at once. A good that inventory does not know has no stock. */
export async function offersOf(
  request: ShopRequest,
  wanted: Wanted,
  settings: FanOutSettings,
): Promise<(sku: string) => Offer> {
  const { skus, currency, quantity = 1 } = wanted
  const asked = skus.map(sku => ({ sku, quantity }))
  const [prices, stock] = await Promise.all([
    pricesOf(request, { items: asked, currency }, settings),
    stockOf(request, skus, settings),
  ])
  return sku => {
    const left = stock.get(sku) ?? 0
    return { price: (prices.get(sku) ?? 0) / 100, currency, stock: left, in_stock: left > 0 }
  }
}

/** Price of one piece in cents, by sku, for the quantities asked; unknown goods have none. */
export async function pricesOf(
  request: ShopRequest,
  wanted: {
    readonly items: readonly { readonly sku: string; readonly quantity: number }[]
    readonly currency: string
  },
  settings: FanOutSettings,
): Promise<Map<string, number>> {
  const answers = await fanOut(wanted.items, settings, async some => {
    const query = new URLSearchParams({
      skus: some.map(item => item.sku).join(','),
      quantities: some.map(item => item.quantity).join(','),
      currency: wanted.currency,
    })
    const path = `/prices?${query.toString()}`
    return jsonOf<PriceList>(await request.call({ peer: 'pricing', method: 'GET', path })).prices
  })
  return new Map(answers.flat().map(price => [price.sku, price.amountCents]))
}

async function stockOf(
  request: ShopRequest,
  skus: readonly string[],
  settings: FanOutSettings,
): Promise<Map<string, number>> {
  const answers = await fanOut(skus, settings, async some => {
    const path = `/stock?skus=${encodeURIComponent(some.join(','))}`
    const answer = await request.call({ peer: 'inventory', method: 'GET', path })
    return jsonOf<{ readonly stock: readonly Stock[] }>(answer).stock
  })
  return new Map(answers.flat().map(one => [one.sku, one.quantity]))
}
