import { describe, expect, test } from 'vitest'
import { defaultSettings, type Loads } from './comparison.ts'
import type { TestedMeasure } from './stretch-plan.ts'
import { judgeAll } from './verdict.ts'

const same: Loads = { matched: true, ratio: 1, words: 'same load' }
const stretches = { seconds: 5, base: 24, candidate: 24 }

function row(value: number, p: number, equivalenceP: number): TestedMeasure {
  const effect = { value, low: value * 0.98, high: value * 1.02 }
  const tested = { effect, p, equivalenceP, runShare: 0.9 }
  const known = { measure: 'p50' as const, base: 1000, candidate: 1000 * value, tolerance: 0.05 }
  return { ...known, tested, reason: undefined, stretches }
}
const judged = (rows: readonly TestedMeasure[], loads = same) =>
  judgeAll(rows, { loads, settings: defaultSettings })
const verdicts = (...rows: readonly TestedMeasure[]) => judged(rows).map(({ verdict }) => verdict)

describe('a verdict', () => {
  test('follows from the difference, its chance and the tolerance', () => {
    expect(verdicts(row(1.2, 0.001, 1))).toEqual(['regressed'])
    expect(verdicts(row(0.8, 0.001, 1))).toEqual(['improved'])
    expect(verdicts(row(1.01, 0.6, 0.01))).toEqual(['equivalent'])
    expect(verdicts(row(1.02, 0.001, 0.01))).toEqual(['equivalent'])
    expect(verdicts(row(1.08, 0.2, 0.7))).toEqual(['inconclusive'])
  })

  test('takes more when many names are compared', () => {
    const others = Array.from({ length: 9 }, () => row(1, 0.9, 0.5))
    expect(verdicts(row(1.2, 0.02, 1))).toEqual(['regressed'])
    const [first] = judged([row(1.2, 0.02, 1), ...others])
    expect(first).toMatchObject({ verdict: 'inconclusive', reason: { code: 'may be chance' } })
    expect(first!.q).toBeCloseTo(0.2, 12)
  })

  test('says what would make it conclusive', () => {
    const [only] = judged([row(1.03, 0.01, 0.2)])
    expect(only!.reason!.code).toBe('too uncertain')
    expect(only!.reason!.words).toContain('between +0.94 % and +5.1 %')
    expect(only!.reason!.words).toContain('more runs of each would tell')
  })

  test('stands under another load only if the load speaks against it', () => {
    const less: Loads = { matched: false, ratio: 0.9, words: 'the candidate had 10 % less load' }
    const rows = [row(1.2, 0.001, 1), row(0.8, 0.001, 1), row(1, 0.9, 0.001)]
    const [slower, faster, equal] = judged(rows, less)
    expect(slower).toMatchObject({
      verdict: 'regressed',
      note: 'although the candidate had 10 % less load',
    })
    expect(faster).toMatchObject({ verdict: 'inconclusive', reason: { code: 'loads differ' } })
    expect(equal).toMatchObject({ verdict: 'inconclusive', reason: { code: 'loads differ' } })
  })

  test('of a row that could not be tested is inconclusive for the reason it has', () => {
    const reason = { code: 'too short' as const, words: 'there are 10 s' }
    const [only] = judged([{ ...row(1, 1, 1), tested: undefined, reason }])
    expect(only).toMatchObject({ verdict: 'inconclusive', effect: undefined, q: undefined, reason })
  })
})
