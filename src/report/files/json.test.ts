import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { emptyRun, failedRun, invalidRun, passedRun } from '../testing/fixture.ts'
import { summaryDocument, summaryJson } from './json.ts'

const schemaPath = join(import.meta.dirname, '../../../docs/summary.schema.json')
const comparisonPath = join(import.meta.dirname, '../../../docs/comparison.schema.json')
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'date-time': true } })
ajv.addSchema(JSON.parse(readFileSync(comparisonPath, 'utf8')) as object)
const validate = ajv.compile(JSON.parse(readFileSync(schemaPath, 'utf8')) as object)

describe('summaryJson', () => {
  test('looks as the golden file', async () => {
    await expect(summaryJson(failedRun)).toMatchFileSnapshot('../golden/summary.json')
  })

  test('every run fits the published schema', () => {
    for (const run of [failedRun, passedRun, invalidRun, emptyRun]) {
      validate(JSON.parse(summaryJson(run)))
      expect(validate.errors).toBeNull()
    }
  })

  test('the schema would refuse a missing, an unknown or a mistyped field', () => {
    const good = JSON.parse(summaryJson(passedRun)) as Record<string, unknown>
    expect(validate({ ...good, totals: undefined })).toBe(false)
    expect(validate({ ...good, surprise: 1 })).toBe(false)
    expect(validate({ ...good, exitCode: 42 })).toBe(false)
    expect(validate({ ...good, schema: 'loadstone.summary/2' })).toBe(false)
  })

  test('what was not measured is null, never 0 and never NaN', () => {
    const { totals, requests, thresholds, validity, exitCode } = summaryDocument(emptyRun)
    expect(totals).toMatchObject({ requests: 0, errorRatio: null, requestsPerSecond: null })
    expect(new Set(Object.values(requests[0]!.latencyMs))).toEqual(new Set([null]))
    expect(thresholds[0]).toMatchObject({ ok: false, measured: null, limit: 300 })
    expect(validity).toMatchObject({ valid: false, cpu: null })
    expect(validity.startDelayMs).toEqual({ p50: null, p99: null, max: null })
    expect(exitCode).toBe(97)
  })

  test('times are in ms with three decimals, limits in the unit of their metric', () => {
    const { requests, thresholds, validity, exitCode } = summaryDocument(failedRun)
    expect(requests[1]!.latencyMs).toMatchObject({ min: 0.5, max: 9 })
    expect(requests[0]!.serviceTimeMs.max).toBe(60)
    expect(thresholds.map(({ measured, limit, unit }) => [measured, limit, unit])).toEqual([
      [61.3, 300, 'ms'],
      [1010, 900, 'ms'],
      [0.01842, 0.01, 'ratio'],
      [126.67, 100, 'perSecond'],
      [45, 50, 'count'],
      [null, 1000, 'ms'],
    ])
    expect(validity.cpu).toBe(0.28)
    expect(exitCode).toBe(99)
  })
})
