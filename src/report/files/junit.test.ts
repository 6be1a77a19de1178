import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyRun, failedRun, invalidRun, passedRun } from '../testing/fixture.ts'
import { junitXml } from './junit.ts'
import { element, escapeXml } from './xml.ts'

/** The second method: reads entities back, as an XML parser does. */
function unescape(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code?: string, name?: string) =>
    code === undefined ? (named[name ?? ''] ?? '?') : String.fromCodePoint(Number(code)),
  )
}

const allowed = (character: string) => {
  const code = character.codePointAt(0) ?? 0
  if (code === 9 || code === 10 || code === 13) return true
  return (
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  )
}

describe('escapeXml', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(c => String.fromCharCode(c)) }),
  )

  test('any text comes back as it was, but for what XML cannot hold', () => {
    fc.assert(
      fc.property(anyText, text => {
        const escaped = escapeXml(text)
        expect(escaped).not.toMatch(/[<>"'\n\r\t]|&(?!(#\d+|amp|lt|gt|quot|apos);)/)
        expect([...escaped].every(allowed)).toBe(true)
        const holdable = [...text].map(one => (allowed(one) ? one : '\ufffd')).join('')
        expect(unescape(escaped)).toBe(holdable)
      }),
    )
  })

  test('an element stays one element, whatever its attributes say', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect(element('case', { name: text })).toMatch(/^<case name="[^<>"]*"\/>$/)
      }),
    )
  })
})

describe('junitXml', () => {
  test('looks as the golden file', async () => {
    await expect(junitXml(failedRun)).toMatchFileSnapshot('../golden/junit.xml')
  })

  test('has a suite for the plan and one for each scenario, with their counts', () => {
    const suites = [
      ...junitXml(invalidRun).matchAll(/<testsuite name="([^"]*)" tests="(\d+)" failures="(\d+)"/g),
    ]
    expect(suites.map(([, ...values]) => values)).toEqual([
      ['plan examples/checkout.ts', '1', '1'],
      ['shopper', '2', '1'],
      ['admin', '1', '1'],
    ])
  })

  test('a length in seconds has no more digits than milliseconds need', () => {
    const run = { ...passedRun.run, durationUs: 8_003_368.42 }
    const xml = junitXml({ ...passedRun, run })
    expect([...xml.matchAll(/ time="([^"]*)" ?(?:timestamp|>)/g)].map(([, time]) => time)).toEqual(
      xml.match(/<testsuite/g)?.map(() => '8.003'),
    )
  })

  test('a failure tells what was measured and the limit', () => {
    const xml = junitXml(failedRun)
    expect(xml).toContain('measured 1.8 %, limit &lt; 1.0 %')
    expect(xml).toContain('12 of 560 failed (2.1 %); first: orderNumber is missing')
    expect(junitXml(emptyRun)).toContain('measured –, limit &lt; 300 ms; no sample')
    expect(junitXml(passedRun)).not.toContain('<failure')
  })
})
