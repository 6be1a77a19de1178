import { printable } from '../figures.ts'
import type { Paint } from '../paint.ts'
import { wrap } from './width.ts'

/** What a section needs to draw itself. */
export interface Frame {
  readonly width: number
  readonly paint: Paint
}

/** A section's title and its lines; nothing when there are no lines. */
export function section(title: string, lines: readonly string[], { paint }: Frame): string[] {
  return lines.length === 0 ? [] : [`  ${paint.bold(title)}`, ...lines]
}

/** A text behind a sign, its further lines indented under the first. */
export function bullet(sign: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrap(printable(text), width - 4)
  return [`  ${sign} ${first}`, ...rest.map(line => `    ${line}`)]
}
