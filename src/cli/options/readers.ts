import { parseBytes, parseDurationUs, parseRatePerSecond, UsageError } from '../../base/index.ts'
import { headerNameFault, headerValueFault } from '../../plan/index.ts'

/** Readers of flag values: one text in, the value out, or a UsageError that names `where`. */

/** A whole number, 0 or more. */
export function whole(text: string, where: string): number {
  if (!/^\d+$/.test(text.trim())) {
    throw new UsageError(
      'NUMBER',
      `${where}: "${text}" is not a whole number; write e.g. ${where} 10`,
    )
  }
  return Number(text)
}

export function positive(text: string, where: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new UsageError('NUMBER', `${where}: "${text}" is not a number above 0`)
  }
  return number
}

export function duration(text: string, where: string): string {
  parseDurationUs(text, where)
  return text
}

export function size(text: string, where: string): string {
  parseBytes(text, where)
  return text
}

/** A bare number means per second, as everywhere on the command line. */
export function rate(text: string, where: string): string {
  const withUnit = /^\s*\d+(\.\d+)?\s*$/.test(text) ? `${text.trim()}/s` : text
  parseRatePerSecond(withUnit, where)
  return withUnit
}

export function keyValue(text: string, where: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new UsageError('KEY_VALUE', `${where}: "${text}" has no name; write ${where} NAME=value`)
  }
  return [text.slice(0, at).trim(), text.slice(at + 1)]
}

export function method(text: string, where: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text.toUpperCase()
  throw new UsageError('METHOD', `${where}: "${text}" is not a request method; write e.g. PUT`)
}

/** 'accept: text/html', as curl takes it. */
export function header(text: string, where: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(text)
  if (match === null) {
    throw new UsageError('HEADER', `${where}: "${text}" is not a header; write 'name: value'`)
  }
  const [, name = '', value = ''] = match
  const fault = headerNameFault(name) ?? headerValueFault(name, value)
  if (fault !== undefined) throw new UsageError('HEADER', `${where}: ${fault}`)
  return [name, value]
}

export function url(text: string, where: string): string {
  if (/^unix:./.test(text)) return text
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    const guess = /^[\w.-]+(:\d+)?(\/.*)?$/.test(text) ? `; did you mean "http://${text}"?` : ''
    throw new UsageError('URL', `${where}: "${text}" is not an http:// or https:// URL${guess}`)
  }
  return text
}

export function wordy(text: string, where: string): string {
  if (text.trim() === '') throw new UsageError('EMPTY', `${where}: the value is empty`)
  return text.trim()
}

/** A port to listen on; 'auto' (what `--ui` alone says): the usual one, or another that is free. */
export function port(text: string, where: string): number | 'auto' {
  if (/^(auto|true|yes|on)$/i.test(text)) return 'auto'
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number <= 65_535) return number
  throw new UsageError('NUMBER', `${where}: "${text}" is not a port; write e.g. ${where} 8089`)
}

export const path = wordy

export function oneOf<T extends string>(words: readonly T[]): (text: string, where: string) => T {
  return (text, where) => {
    const found = words.find(word => word === text)
    if (found !== undefined) return found
    throw new UsageError('CHOICE', `${where}: "${text}" is none of ${words.join(', ')}`)
  }
}
