/** A part of price_rules that a fault adds: rules for goods that are no longer sold. */
export const outdatedRulesTable = 'outdated_rules'

/** A rebate for buying more of a good at once. */
export interface PriceRule {
  /** Null: goods of every category. */
  readonly category: string | null
  /** Pieces from which it holds. */
  readonly quantityMin: number
  /** 0..100 */
  readonly percentOff: number
}

/**
 * Price of one piece in the hundredth part of the currency's unit, rounded up. Of the rules that
 * hold, the one that is best for the customer counts; rebates do not add up.
 */
export function unitPriceCents(
  good: { readonly usdCents: number; readonly category: string; readonly quantity: number },
  perUsd: number,
  rules: readonly PriceRule[],
): number {
  const percentOff = rules
    .filter(rule => rule.category === null || rule.category === good.category)
    .filter(rule => rule.quantityMin <= good.quantity)
    .reduce((best, rule) => Math.max(best, rule.percentOff), 0)
  const exact = (good.usdCents * perUsd * (100 - percentOff)) / 100
  // 700 * 0.79 is 553.0000000000001 in binary floating point: that is no reason for 554.
  return Math.ceil(Number(exact.toFixed(6)))
}
