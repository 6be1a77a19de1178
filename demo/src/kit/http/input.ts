import { Problem } from './problem.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field may have several spellings (productId, product_id); the first one present counts. */
export type FieldName = string | readonly string[]

const spellings = (name: FieldName): readonly string[] => (typeof name === 'string' ? [name] : name)

function valueOf(body: JsonObject, name: FieldName): unknown {
  const present = spellings(name).find(one => body[one] !== undefined && body[one] !== null)
  return present === undefined ? undefined : body[present]
}

const label = (name: FieldName) => spellings(name).join(' or ')

/** A field that must be a non-empty string of at most 500 characters; otherwise 400. */
export function textField(body: JsonObject, name: FieldName): string {
  const value = optionalText(body, name)
  if (value === undefined) throw new Problem(400, `${label(name)} is missing`)
  return value
}

/** Like textField, but undefined when the field is absent or null. */
export function optionalText(body: JsonObject, name: FieldName): string | undefined {
  const value = valueOf(body, name)
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.trim() === '' || value.length > 500) {
    throw new Problem(400, `${label(name)} must be a text of 1 to 500 characters`)
  }
  return value
}

/** A field that must be a whole number within the limits; otherwise 400. */
export function integerField(
  body: JsonObject,
  name: FieldName,
  limits: { readonly min: number; readonly max: number },
): number {
  const value = valueOf(body, name)
  if (value === undefined) throw new Problem(400, `${label(name)} is missing`)
  return wholeNumber(value, label(name), limits)
}

/** A positive amount of money as a number (19.99), returned in whole cents. */
export function amountFieldCents(body: JsonObject, name: FieldName): number {
  const value = valueOf(body, name)
  const cents = typeof value === 'number' ? Math.round(value * 100) : Number.NaN
  if (!(cents >= 1 && cents <= 100_000_000)) {
    throw new Problem(400, `${label(name)} must be a number from 0.01 to 1000000`)
  }
  return cents
}

/** A field that must be present and either text or an object (an address, a payment method). */
export function textOrObjectField(body: JsonObject, name: FieldName): string | JsonObject {
  const value = valueOf(body, name)
  if (isObject(value)) return value
  return textField(body, name)
}

/**
 * How somebody pays, in one word: 'tok_visa', 'card', {token: 'tok_visa'} and {type: 'card'} are
 * all understood; an object without such a field means 'card'.
 */
export function paymentField(body: JsonObject, name: FieldName): string {
  const payment = textOrObjectField(body, name)
  if (typeof payment === 'string') return payment
  const words = ['token', 'card_token', 'cardToken', 'method', 'type']
  return words.some(word => valueOf(payment, word) !== undefined)
    ? textField(payment, words)
    : 'card'
}

/** A field that must be a list with 1 to 100 objects; otherwise 400. */
export function objectListField(body: JsonObject, name: FieldName): readonly JsonObject[] {
  const value = valueOf(body, name)
  if (!Array.isArray(value) || value.length < 1 || value.length > 100 || !value.every(isObject)) {
    throw new Problem(400, `${label(name)} must be a list of 1 to 100 objects`)
  }
  return value
}

/** A whole number in the query string, or the default when it is absent; otherwise 400. */
export function integerParam(
  query: URLSearchParams,
  name: FieldName,
  limits: { readonly min: number; readonly max: number; readonly default: number },
): number {
  const present = spellings(name).find(one => query.has(one))
  if (present === undefined) return limits.default
  const text = query.get(present) ?? ''
  return wholeNumber(/^\d{1,9}$/.test(text) ? Number(text) : text, present, limits)
}

/** A comma-separated list in the query string; empty when absent, at most 500 entries. */
export function listParam(query: URLSearchParams, name: string): string[] {
  const entries = (query.get(name) ?? '').split(',').filter(entry => entry !== '')
  if (entries.length > 500) throw new Problem(400, `${name} holds more than 500 entries`)
  return entries
}

/**
 * One of a few words in the query string, or the default when it is absent; otherwise 400.
 * `aliases` are other spellings of them.
 */
export function choiceParam(
  query: URLSearchParams,
  name: string,
  of: {
    readonly words: readonly string[]
    readonly aliases?: ReadonlyMap<string, string>
    readonly default: string
  },
): string {
  const given = textParam(query, name) ?? of.default
  if (of.words.includes(given)) return given
  const meant = of.aliases?.get(given)
  if (meant !== undefined && of.words.includes(meant)) return meant
  throw new Problem(400, `${name} must be one of ${of.words.join(', ')}, not ${given}`)
}

/** A currency in the query string, three capital letters; USD when it is absent. */
export function currencyParam(query: URLSearchParams): string {
  return mustBeCurrency(textParam(query, 'currency') ?? 'USD')
}

/** Like currencyParam, for a field of the body; undefined when it is absent. */
export function optionalCurrency(body: JsonObject): string | undefined {
  const currency = optionalText(body, 'currency')
  return currency === undefined ? undefined : mustBeCurrency(currency)
}

function mustBeCurrency(text: string): string {
  if (/^[A-Z]{3}$/.test(text)) return text
  throw new Problem(400, `currency must be three capital letters, not ${text}`)
}

/** A text of the query string, undefined when it is absent or empty. */
export function textParam(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name)
  return value === null || value === '' ? undefined : value
}

function wholeNumber(
  value: unknown,
  name: string,
  limits: { readonly min: number; readonly max: number },
): number {
  const whole = typeof value === 'number' && Number.isInteger(value)
  if (!whole || value < limits.min || value > limits.max) {
    throw new Problem(400, `${name} must be a whole number from ${limits.min} to ${limits.max}`)
  }
  return value
}
