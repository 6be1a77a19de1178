/** A value of a series at one time; undefined where it was not there. */
export type Value = number | undefined

type Token = number | null | 'NaN' | '+Inf' | '-Inf'

/**
 * Values over time as they are written. One token: the same at every time. A list: how many
 * decimals are kept as whole numbers (-1: values as they are), then for each time the difference
 * to the last number before it (0 before the first), null where there is none, or a text for what
 * JSON has no number for; such a time does not change what the next difference refers to.
 */
export type EncodedValues = Token | readonly [decimals: number, ...tokens: Token[]]

const decimalsMax = 9
/** Sums and differences of whole numbers up to here are exact. */
const wholeMax = 2 ** 52

/** Writes values; -0 becomes 0, all else comes back as it was. */
export function encodeValues(values: readonly Value[]): EncodedValues {
  const [first] = values
  if (values.length > 0 && values.every(value => Object.is(value, first))) {
    return first !== undefined && Number.isFinite(first) ? first + 0 : token(first)
  }
  const decimals = decimalsOf(values.filter(isNumber))
  const factor = decimals < 0 ? 1 : 10 ** decimals
  let before = 0
  const tokens = values.map(value => {
    if (!isNumber(value)) return token(value)
    if (decimals < 0) return value + 0
    const whole = Math.round(value * factor)
    const difference = whole - before
    before = whole
    return difference + 0
  })
  return [decimals, ...tokens]
}

/** The values of `count` times, as they were given to encodeValues. */
export function decodeValues(encoded: EncodedValues, count: number): Value[] {
  if (!isList(encoded)) return Array.from({ length: count }, () => valueOf(encoded))
  const [decimals, ...tokens] = encoded
  const factor = decimals < 0 ? 1 : 10 ** decimals
  let sum = 0
  return tokens.map(one => {
    if (typeof one !== 'number' || decimals < 0) return valueOf(one)
    sum += one
    return sum / factor
  })
}

/** The fewest decimals with which every value is a whole number and comes back; -1: none do. */
function decimalsOf(values: readonly number[]): number {
  for (let decimals = 0; decimals <= decimalsMax; decimals += 1) {
    const factor = 10 ** decimals
    const fits = values.every(value => {
      const whole = Math.round(value * factor)
      return Math.abs(whole) <= wholeMax && whole / factor === value
    })
    if (fits) return decimals
  }
  return -1
}

const isList = (encoded: EncodedValues): encoded is readonly [number, ...Token[]] =>
  Array.isArray(encoded)

const isNumber = (value: Value): value is number => value !== undefined && Number.isFinite(value)

function token(value: Value): Token {
  if (value === undefined) return null
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

function valueOf(one: Token): Value {
  if (one === null) return undefined
  if (typeof one === 'number') return one
  return one === 'NaN' ? NaN : one === '+Inf' ? Infinity : -Infinity
}
