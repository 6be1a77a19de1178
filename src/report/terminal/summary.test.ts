import { describe, expect, test } from 'vitest'
import { plainPaint, type Paint } from '../paint.ts'
import { emptyRun, failedRun, invalidRun, passedRun } from '../testing/fixture.ts'
import { summaryText } from './summary.ts'
import { widthOf } from './width.ts'

const plain = (run: typeof failedRun, width = 80) => summaryText(run, { width, paint: plainPaint })

const marked = (mark: string) => (text: string) => `<${mark}>${text}</${mark}>`
const marking: Paint = {
  ...{ bold: marked('b'), dim: marked('dim'), red: marked('red'), green: marked('green') },
  ...{ yellow: marked('yellow'), cyan: marked('cyan') },
}

describe('summaryText', () => {
  test('looks as the golden files, narrow and wide', async () => {
    await expect(plain(failedRun)).toMatchFileSnapshot('../golden/summary-80.txt')
    await expect(plain(failedRun, 140)).toMatchFileSnapshot('../golden/summary-140.txt')
  })

  test('no line is wider than the terminal', () => {
    for (const run of [failedRun, passedRun, invalidRun, emptyRun]) {
      for (const width of [72, 80, 100, 111, 112, 140]) {
        const tooWide = plain(run, width)
          .split('\n')
          .filter(line => widthOf(line) > width)
        expect(tooWide).toEqual([])
      }
    }
  })

  test('colours change nothing but colours', () => {
    const coloured = summaryText(failedRun, { width: 80, paint: marking })
    expect(coloured.replace(/<\/?[a-z]+>/g, '')).toBe(plain(failedRun))
    expect(coloured).toContain('<red>✗</red> errors < 1%')
    expect(coloured).toContain('<green>✓</green> p95 < 300ms')
    expect(coloured).toContain('<b><red>✗ FAILED</red></b>  3 of 6 thresholds failed')
  })

  test('a closed model is called so, and has no service time of its own', () => {
    const text = plain(passedRun)
    expect(text).toContain('closed model')
    expect(text).not.toContain('Service time')
    expect(text).toContain('✓ PASSED  the threshold held')
    expect(text).not.toContain('exit code')
  })

  test('what failed is part of the verdict even when no threshold asks for it', () => {
    const text = plain({ ...passedRun, thresholds: [] })
    expect(text).toContain('✓ PASSED  no threshold was set')
    expect(text).not.toContain('though')
    const totals = { ...passedRun.totals, requests: 50, failures: 50 }
    expect(plain({ ...passedRun, totals, thresholds: [] })).toContain(
      '✓ PASSED  no threshold was set, though 100 % of the exchanges failed',
    )
  })

  test('an invalid run says why and what to do, and names the scenario of each name', () => {
    const text = plain(invalidRun).replace(/\s+/g, ' ')
    expect(text).toContain('Not valid ✗ Worker 0 was saturated')
    expect(text).toContain('Lower the load, or add workers (--workers).')
    expect(text).toContain('shopper › GET /api')
    expect(text).toContain('✗ admin, 17 times: admin.ts:12:9: TypeError')
    expect(text).toContain('✗ SCRIPT ERRORS the script threw 17 times (exit code 107)')
  })

  test('an empty run shows – where nothing was measured', () => {
    const text = plain(emptyRun)
    expect(text).not.toMatch(/NaN|undefined|Infinity/)
    expect(text).toMatch(/Requests {4}0 +–\/s +0 failed \(–\)/)
    expect(text).toMatch(/GET \/api\/catalog\/products( +–){7}/)
    expect(text).toContain('✗ p95 < 300ms')
    expect(text).toMatch(/✗ INVALID +the figures do not describe the target/)
  })

  test('with very many names the busiest are shown and the rest counted', () => {
    const one = failedRun.series[0]!
    const series = Array.from({ length: 120 }, (_, i) => ({ ...one, name: `GET /${i}` }))
    expect(plain({ ...failedRun, series })).toContain('… and 81 more names')
  })

  test('exchanges that were sent again are told, when there were any', () => {
    const text = plain({ ...failedRun, series: [{ ...failedRun.series[0]!, retries: 1 }] })
    expect(text).toContain('1 exchange was sent again because a kept-alive connection had closed')
    expect(plain(emptyRun)).not.toContain('sent again')
  })

  test('text of a server cannot steer the terminal', () => {
    const failures = [{ reason: 'bad \u001b[2J\nthing', count: 1, firstAtUs: 0, lastAtUs: 0 }]
    const text = plain({ ...failedRun, series: [{ ...failedRun.series[1]!, failures }] })
    expect(text).not.toContain('\u001b')
    expect(text).toContain('bad  [2J thing')
  })
})
