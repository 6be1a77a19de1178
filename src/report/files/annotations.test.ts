import { describe, expect, test } from 'vitest'
import { compareRecorded } from '../comparison/index.ts'
import { recordedRun } from '../testing/compared-runs.ts'
import { failedRun, invalidRun, passedRun } from '../testing/fixture.ts'
import { annotationsOf } from './annotations.ts'

const github = { GITHUB_ACTIONS: 'true' }
const slower = recordedRun({ id: 'slow', meansUs: { 'GET /': 90_000 } })
const regressed = compareRecorded(recordedRun({ meansUs: { 'GET /': 30_000 } }), slower)
const short = recordedRun({ seconds: 5 })
const unclear = compareRecorded(short, recordedRun({ id: 'short', seconds: 5 }))

describe('annotations', () => {
  test('are for GitHub Actions alone', () => {
    expect(annotationsOf({ summary: failedRun, strict: false }, {})).toEqual([])
  })

  test('say which thresholds failed, commas and percent signs as the runner reads them', () => {
    const [first, second, third] = annotationsOf({ summary: failedRun, strict: false }, github)
    expect(first).toBe(
      '::error title=Loadstone%3A Threshold failed::POST /api/orders: p99 < 900ms for 5s, ' +
        'abort: measured 1.01 s; over the limit for 5 s, until 38 s; ' +
        'measured in the last second',
    )
    expect(second).toBe(
      '::error title=Loadstone%3A Threshold failed::errors < 1%25: measured 1.8 %25',
    )
    expect(third).toContain('measured –')
    expect(annotationsOf({ summary: passedRun, strict: false }, github)).toEqual([])
  })

  test('point at the line of the script that threw, and say why a run is not valid', () => {
    const [invalid, thrown] = annotationsOf({ summary: invalidRun, strict: false }, github)
    expect(invalid).toMatch(/^::error title=Loadstone%3A The run is not valid::Worker 0 was/)
    expect(thrown).toMatch(
      /^::error file=admin.ts,line=12,col=9,title=Loadstone%3A Error in the script::admin.ts:12:9/,
    )
  })

  test('name what regressed; what cannot be told is a warning unless that is to fail', () => {
    const lines = annotationsOf({ comparison: regressed, strict: false }, github)
    expect(lines[0]).toMatch(
      /^::error title=Loadstone%3A Slower or failing more than run base::all requests: p50 is /,
    )
    const ofUnclear = (strict: boolean) => annotationsOf({ comparison: unclear, strict }, github)
    expect(ofUnclear(false)).toHaveLength(1)
    expect(ofUnclear(false)[0]).toMatch(/^::warning title=.* cannot tell::/)
    expect(ofUnclear(true)[0]).toMatch(/^::error /)
  })

  test('are at most ten of a kind, the last of which counts the rest', () => {
    const scriptErrors = Array.from({ length: 30 }, (_, i) => ({
      ...{ scenario: 'shopper', message: `Error: one\n::error::${i}`, count: 1 },
    }))
    const lines = annotationsOf({ summary: { ...passedRun, scriptErrors }, strict: false }, github)
    expect(lines).toHaveLength(10)
    expect(lines[9]).toContain('21 more')
    expect(lines.join('')).not.toContain('\n')
    expect(lines[0]).toContain('Error: one%0A::error::0')
  })
})
