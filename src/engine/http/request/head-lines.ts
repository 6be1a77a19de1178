import { loadstoneVersion } from '../../../base/index.ts'
import { headerNameFault, headerValueFault } from '../../../plan/index.ts'
import { ScriptError } from '../script-errors.ts'

/**
 * Header lines are kept as one text of '\r\nname: value' pieces with lower-case names, ready to be
 * put behind a request line. Looking a name up in it is a substring search, which is rare; sending
 * it is nothing, which is what happens a hundred thousand times a second.
 */
export type HeadLines = string

/** What every request says of itself, to whatever origin. */
export function ownLines(hostHeader: string): HeadLines {
  return (
    `\r\nhost: ${hostHeader}\r\nuser-agent: loadstone/${loadstoneVersion}\r\naccept: */*` +
    '\r\naccept-encoding: gzip, deflate, br, zstd'
  )
}

/** The lines with `name` (lower-case) set to `value`, in place of what it was. */
export function withLine(lines: HeadLines, name: string, value: string): HeadLines {
  return `${withoutLine(lines, name)}\r\n${name}: ${value}`
}

/** The lines without those of `name` (lower-case). */
export function withoutLine(lines: HeadLines, name: string): HeadLines {
  const start = `\r\n${name}:`
  let rest = lines
  for (let at = rest.indexOf(start); at >= 0; at = rest.indexOf(start, at)) {
    const end = rest.indexOf('\r\n', at + 2)
    rest = end < 0 ? rest.slice(0, at) : rest.slice(0, at) + rest.slice(end)
  }
  return rest
}

/** Value of the first line of `name` (lower-case); undefined when there is none. */
export function lineValue(lines: HeadLines, name: string): string | undefined {
  const start = `\r\n${name}: `
  const at = lines.indexOf(start)
  if (at < 0) return undefined
  const end = lines.indexOf('\r\n', at + 2)
  return lines.slice(at + start.length, end < 0 ? undefined : end)
}

/** The lower-case name. Anything that could not stand in a header line is a ScriptError. */
export function headerName(name: string): string {
  const fault = headerNameFault(name)
  if (fault !== undefined) throw new ScriptError(fault)
  return name.toLowerCase()
}

/** The value as text. A line break in it would be a second header, so it is a ScriptError. */
export function headerValue(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : scalarText(name, value)
  const fault = headerValueFault(name, text)
  if (fault !== undefined) throw new ScriptError(fault)
  return text
}

function scalarText(name: string, value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ScriptError(`header ${name} is ${kindOf(value)}; it must be a text`)
}

/** What a wrong value is, for a message. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
