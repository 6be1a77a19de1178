import { ScriptError } from '../script-errors.ts'
import { kindOf } from './head-lines.ts'

/** A value percent-encoded for any place of a URL. Half of a surrogate pair becomes U+FFFD. */
export function encodeValue(value: unknown, where: string): string {
  if (typeof value === 'number') return encodeURIComponent(value)
  if (typeof value === 'string') return encodeURIComponent(value.toWellFormed())
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  throw new ScriptError(`${where} is ${kindOf(value)}; it must be a text, a number or a boolean`)
}

/**
 * 'a=1&b=2&b=3' of names and values; a list repeats its name, undefined is left out. '' when
 * nothing is left.
 */
export function encodePairs(values: Readonly<Record<string, unknown>>, where: string): string {
  let text = ''
  for (const name in values) {
    const value = values[name]
    if (value === undefined) continue
    if (Array.isArray(value)) {
      for (const one of value as readonly unknown[]) text += pair(name, one, where)
    } else text += pair(name, value, where)
  }
  return text.slice(1)
}

function pair(name: string, value: unknown, where: string): string {
  return `&${encodeURIComponent(name.toWellFormed())}=${encodeValue(value, `${where}.${name}`)}`
}

const notInTarget = /[^\x21-\x7e]|["<>\\^`{|}]/gu

/** Text of a URL as it was written, with what may not stand in a request line percent-encoded. */
export function encodeLiteral(text: string): string {
  return text.toWellFormed().replace(notInTarget, character => encodeURIComponent(character))
}
