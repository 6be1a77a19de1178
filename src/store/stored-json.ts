/**
 * JSON that keeps NaN and infinities, which plain JSON turns into null. Properties that are
 * undefined are left out, as in plain JSON.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? { $number: String(one) } : one,
  )
}

/** What `toJson` wrote. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && '$number' in one ? Number(one.$number) : one,
  )
}
