import {
  nearest,
  parseBytes,
  parseDurationUs,
  parseRatePerSecond,
  UsageError,
} from '../../base/index.ts'
import { kindOf } from '../bundle/script-functions.ts'

/**
 * Reads options that a script, perhaps in JavaScript, wrote. Every function takes the value and
 * where it stands ('scenario "x": load.users') and throws a UsageError that names the place.
 * undefined stays undefined in all of them: defaults are the caller's.
 */
export type Fields = Readonly<Record<string, unknown>>

/** An object that has no key outside `known`; a typo is refused with the nearest known key. */
export function readFields(value: unknown, where: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('OPTION_KIND', `${where} is ${kindOf(value)}; it must be an object`)
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const near = nearest(key, known)
    const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean ${near}?`
    throw new UsageError('OPTION_UNKNOWN', `${where}: there is no option "${key}"; ${hint}`)
  }
  return value as Fields
}

export function readText(value: unknown, where: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw wrongKind(value, where, 'a text')
}

export function readFlag(value: unknown, where: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw wrongKind(value, where, 'true or false')
}

/** A whole number of at least `min`; texts of digits count, since the environment gives texts. */
export function readCount(value: unknown, where: string, min: number): number | undefined {
  if (value === undefined) return undefined
  const number = numberOf(value)
  if (Number.isSafeInteger(number) && number >= min) return number
  throw wrongKind(value, where, `a whole number of at least ${min}`)
}

/** A finite number above 0; texts of digits count. */
export function readPositive(value: unknown, where: string): number | undefined {
  if (value === undefined) return undefined
  const number = numberOf(value)
  if (Number.isFinite(number) && number > 0) return number
  throw wrongKind(value, where, 'a number above 0')
}

export function readRatio(value: unknown, where: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw wrongKind(value, where, 'a share from 0 to 1')
}

export function readDurationUs(value: unknown, where: string): number | undefined {
  return value === undefined ? undefined : parseDurationUs(value, where)
}

/** As readDurationUs, but 0 is refused. */
export function readPositiveDurationUs(value: unknown, where: string): number | undefined {
  const durationUs = readDurationUs(value, where)
  if (durationUs !== 0) return durationUs
  throw new UsageError('DURATION_ZERO', `${where} is 0; write a time such as '30s'`)
}

/** Starts per second; 0 is allowed only where the caller allows it. */
export function readRatePerSecond(value: unknown, where: string): number | undefined {
  return value === undefined ? undefined : parseRatePerSecond(value, where)
}

export function readBytes(value: unknown, where: string): number | undefined {
  return value === undefined ? undefined : parseBytes(value, where)
}

export function readChoice<const Choice extends string>(
  value: unknown,
  where: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined
  const found = choices.find(choice => choice === value)
  if (found !== undefined) return found
  const shown = choices.map(choice => `'${choice}'`).join(', ')
  throw wrongKind(value, where, `one of ${shown}`)
}

export function readTexts(value: unknown, where: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value
  throw wrongKind(value, where, 'a list of texts')
}

/** Names to texts; a number or flag is refused, so that '007' never silently becomes '7'. */
export function readTextTable(
  value: unknown,
  where: string,
): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongKind(value, where, 'an object of texts')
  }
  const table: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw wrongKind(text, `${where}.${name}`, 'a text')
    table[name] = text
  }
  return table
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : NaN
}

function wrongKind(value: unknown, where: string, wanted: string): UsageError {
  return new UsageError('OPTION_KIND', `${where} is ${kindOf(value)}; it must be ${wanted}`)
}
