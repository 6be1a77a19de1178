import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { junitXml } from '../files/junit.ts'
import { markdownReport } from '../files/markdown.ts'
import { summaryJson } from '../files/json.ts'
import { plainPaint } from '../paint.ts'
import { summaryText } from '../terminal/summary.ts'
import { widthOf } from '../terminal/width.ts'
import { recordedRun } from '../testing/compared-runs.ts'
import { passedRun } from '../testing/fixture.ts'
import { compareRecorded } from './compare-recorded.ts'
import { comparisonDocument, comparisonExitCode, comparisonJson } from './comparison-json.ts'
import { comparisonJunit } from './comparison-junit.ts'
import { comparisonMarkdown } from './comparison-markdown.ts'
import { comparisonText } from './comparison-text.ts'

const slower = { 'GET /api/products': 8000, 'POST /api/orders': 60_000 }
const base = recordedRun()
const regressed = compareRecorded(
  base,
  recordedRun({ id: 'slow', meansUs: slower, failedRatio: 0.05 }),
)
const tooShort = compareRecorded(
  recordedRun({ seconds: 8 }),
  recordedRun({ id: 'short', seconds: 8 }),
)
const nothing = compareRecorded(recordedRun({ seconds: 0 }), recordedRun({ id: 'b', seconds: 30 }))
const otherNames = { 'GET /<b>|`x`\u001b[2J': 8000, 'GET /new': 9000 }
const hostile = compareRecorded(
  recordedRun({ meansUs: otherNames, more: { script: 'a|b<script>.ts' } }),
  recordedRun({ id: 'other', meansUs: { ...otherNames, 'GET /newer': 1000 } }),
)
const reports = [regressed, tooShort, nothing, hostile]

const text = (report: typeof regressed, width: number) =>
  comparisonText(report, { width, paint: plainPaint, exitCode: 98 })

const schemaAt = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')) as object
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'date-time': true } })
const fits = ajv.compile(schemaAt('comparison.schema.json'))

describe('a comparison', () => {
  test('looks as the golden files', async () => {
    const golden = '../golden'
    await expect(text(regressed, 72)).toMatchFileSnapshot(`${golden}/comparison-72.txt`)
    await expect(text(regressed, 120)).toMatchFileSnapshot(`${golden}/comparison-120.txt`)
    await expect(text(tooShort, 100)).toMatchFileSnapshot(`${golden}/comparison-short.txt`)
    await expect(comparisonMarkdown(regressed)).toMatchFileSnapshot(`${golden}/comparison.md`)
    await expect(comparisonJson(regressed, true)).toMatchFileSnapshot(`${golden}/comparison.json`)
    await expect(comparisonJunit(regressed, true)).toMatchFileSnapshot(`${golden}/comparison.xml`)
  })

  test('fits the terminal, and shows no text that could steer it', () => {
    for (const report of reports) {
      for (const width of [72, 80, 96, 140]) {
        const lines = text(report, width).split('\n')
        expect(lines.filter(line => widthOf(line) > width)).toEqual([])
        expect(lines.join('')).not.toMatch(/\u001b|NaN|undefined|Infinity/)
      }
    }
  })

  test('as Markdown lets nothing out of its cell, and every row is whole', () => {
    for (const report of reports) {
      const markdown = comparisonMarkdown(report)
      const outsideCode = markdown.replace(/(`+).+?\1/g, '')
      expect(outsideCode).not.toMatch(/<(?!\/?(details|summary)>)|\u001b|NaN|undefined|Infinity/)
      for (const one of markdown.match(/(?:^\|.*\n?)+/gm) ?? []) {
        const rows = one.trim().split('\n')
        expect(new Set(rows.map(row => row.split(/(?<!\\)\|/).length)).size).toBe(1)
      }
    }
  })

  test('as JSON fits the published schema, which would refuse other fields', () => {
    for (const report of reports) {
      fits(JSON.parse(comparisonJson(report, false)))
      expect(fits.errors).toBeNull()
    }
    const good = comparisonDocument(regressed)
    expect(fits({ ...good, surprise: 1 })).toBe(false)
    expect(fits({ ...good, verdict: 'worse' })).toBe(false)
  })

  test('as JUnit fails what regressed and skips what cannot be told', () => {
    const xml = comparisonJunit(tooShort, false)
    expect(xml).toMatch(/failures="0" errors="0" skipped="13"/)
    expect(comparisonJunit(tooShort, true)).toMatch(/failures="1" errors="0" skipped="12"/)
    expect(comparisonJunit(regressed, false)).toMatch(
      /name="POST \/api\/orders: p95" time="0">\s+<failure message="POST \/api\/orders: p95 is /,
    )
  })

  test('ends with 98 when it regressed, with 96 when it cannot tell and that is to fail', () => {
    expect([false, true].map(strict => comparisonExitCode(regressed, strict))).toEqual([98, 98])
    expect([false, true].map(strict => comparisonExitCode(tooShort, strict))).toEqual([0, 96])
  })

  test('is part of a run s summary in every format', () => {
    const { verdict, because } = regressed
    const baseline = { runId: 'base', verdict, because, strict: false }
    const run = { ...passedRun, baseline }
    const shown = summaryText(run, { width: 100, paint: plainPaint, comparison: regressed })
    expect(shown).toContain('Compared with run base, latency in ms')
    expect(shown).toContain('✗ REGRESSED  worse than the baseline: POST /api/orders')
    expect(shown).toContain('(exit code 98)')
    expect(markdownReport(run, regressed)).toContain('### ✗ Compared with the baseline: regressed')
    expect(junitXml(run, regressed)).toContain('<testsuite name="comparison" tests="13"')
    const json = JSON.parse(summaryJson(run, regressed)) as object
    expect(json).toMatchObject({ exitCode: 98, comparison: { verdict: 'regressed' } })
    const summaryFits = ajv.compile(schemaAt('summary.schema.json'))
    summaryFits(json)
    expect(summaryFits.errors).toBeNull()
  })

  test('leaves a run without a baseline as it was', () => {
    expect(JSON.parse(summaryJson(passedRun))).toMatchObject({ exitCode: 0, comparison: null })
    expect(markdownReport(passedRun)).not.toContain('baseline')
  })
})
