import { describe, expect, test } from 'vitest'
import { informs, median, nearExpected, ratioWithinBudget, withinBudget } from './bench.ts'
import { figureText, tableText } from './table.ts'

describe('rows', () => {
  test('a ratio is judged, not the figure', () => {
    const row = ratioWithinBudget(
      { name: 'rate', unit: 'per s', measured: 70, reference: 100 },
      { atLeast: 0.7 },
    )
    expect(row).toMatchObject({ ratio: 0.7, budget: 'ratio >= 0.7', ok: true })
  })

  test('an absolute budget is met at its edge and missed beyond', () => {
    const delay = { name: 'delay', unit: 'ms' }
    expect(withinBudget({ ...delay, measured: 0.5 }, { atMost: 0.5 }).ok).toBe(true)
    expect(withinBudget({ ...delay, measured: 0.51 }, { atMost: 0.5 }).ok).toBe(false)
  })

  test('an expected value may be missed on both sides', () => {
    const figure = { name: 'p99', unit: 'ms', reference: 460 }
    expect(nearExpected({ ...figure, measured: 456 }, 4.6).ok).toBe(true)
    expect(nearExpected({ ...figure, measured: 465 }, 4.6).ok).toBe(false)
  })

  test('a row that only informs is not judged', () => {
    const row = informs({ name: 'rate', unit: 'per s', measured: 50 }, 100)
    expect(row).toMatchObject({ ratio: 0.5, budget: undefined, ok: undefined })
  })

  test('the median of an even count lies between the two in the middle', () => {
    expect(median([9, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
  })
})

describe('tables', () => {
  test('figures are short', () => {
    expect([123_456.7, 12.345_67, 0, undefined, NaN].map(figureText)).toEqual([
      '123,457',
      '12.35',
      '0',
      '-',
      '-',
    ])
  })

  test('numbers stand to the right, and what is below its budget says so', () => {
    const rows = [
      withinBudget({ name: 'delay', unit: 'ms', measured: 2 }, { atMost: 1 }),
      informs({ name: 'rate', unit: 'per s', measured: 1000 }, 500),
    ]
    expect(tableText(rows)).toBe(
      [
        '       unit   measured  reference  ratio  budget',
        'delay  ms            2          -      -  <= 1    BELOW BUDGET',
        'rate   per s     1,000        500  2.000  -',
      ].join('\n'),
    )
  })
})
