import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')

function coloursOf(theme: string): Record<string, string> {
  const block = css.slice(css.indexOf(`[data-theme='${theme}']`))
  const body = block.slice(0, block.indexOf('}'))
  return Object.fromEntries(
    [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(found => [found[1]!, found[2]!]),
  )
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map(start => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter! + 0.05) / (darker! + 0.05)
}

const texts = ['text', 'text-soft', 'accent', 'good', 'bad', 'warn', 'live']
const grounds = ['page', 'surface', 'surface-2']
const pairs = [
  ...texts.flatMap(text => grounds.map(ground => [text, ground] as const)),
  ...['accent', 'good', 'bad', 'warn', 'live'].map(text => [text, `${text}-soft`] as const),
  ...['text', 'text-soft'].flatMap(text =>
    ['warn-soft', 'bad-soft'].map(ground => [text, ground] as const),
  ),
  ['on-accent', 'accent'] as const,
]
const lines = ['p50', 'p95', 'p99', 'users', 'planned', 'client', 'server', 'none', 'check']

describe.each(['light', 'dark'])('the %s colours', theme => {
  const colours = coloursOf(theme)

  test('have enough contrast for text: 4.5 to 1', () => {
    const faint = pairs.filter(([text, ground]) => contrast(colours[text]!, colours[ground]!) < 4.5)
    expect(faint).toEqual([])
  })

  test('have enough contrast for lines: 3 to 1', () => {
    const faint = lines.filter(line => contrast(colours[line]!, colours['surface']!) < 3)
    expect(faint).toEqual([])
  })
})
