import { describe, expect, test } from 'vitest'
import { emptyRun, failedRun, invalidRun } from '../testing/fixture.ts'
import { markdownReport } from './markdown.ts'

describe('markdownReport', () => {
  test('looks as the golden file', async () => {
    await expect(markdownReport(failedRun)).toMatchFileSnapshot('../golden/report.md')
  })

  test('every row of a table has as many cells as its head', () => {
    for (const run of [failedRun, invalidRun, emptyRun]) {
      const tables = markdownReport(run).match(/(?:^\|.*\n?)+/gm) ?? []
      for (const table of tables) {
        const cells = table
          .trim()
          .split('\n')
          .map(line => line.split(/(?<!\\)\|/).length)
        expect(new Set(cells).size).toBe(1)
      }
    }
  })

  test('text from outside cannot break out of its cell', () => {
    const reason = 'a|b\n<script>`x`</script> **bold** [link](http://x)'
    const name = 'GET /a|b`c'
    const failures = [{ reason, count: 1, firstAtUs: 0, lastAtUs: 0 }]
    const series = [{ ...failedRun.series[1]!, name, failures }]
    const text = markdownReport({ ...failedRun, series })
    expect(text).toContain('a\\|b &lt;script&gt;\\`x\\`&lt;/script&gt; \\*\\*bold\\*\\*')
    expect(text).toContain('`` GET /a\\|b`c ``')
  })

  test('text from outside calls nobody to the pull request', () => {
    const failures = [{ reason: 'ask @octocat', count: 1, firstAtUs: 0, lastAtUs: 0 }]
    const series = [{ ...failedRun.series[1]!, failures }]
    expect(markdownReport({ ...failedRun, series })).not.toContain('@octocat')
  })

  test('of many checks those that failed come first, and the rest is counted', () => {
    const [check] = failedRun.checks
    const checks = Array.from({ length: 450 }, (_, i) => {
      return { ...check!, check: `number ${i}`, failed: i === 449 ? 1 : 0 }
    })
    const text = markdownReport({ ...failedRun, checks })
    const listed = text.match(/: number \d+/g)
    expect([listed?.length, listed?.[0]]).toEqual([50, ': number 449'])
    expect(text).toContain('… and 400 more checks')
  })

  test('why a run is not valid stands before its figures', () => {
    const text = markdownReport(invalidRun)
    expect(text.indexOf('### Not valid')).toBeGreaterThan(0)
    expect(text.indexOf('### Not valid')).toBeLessThan(text.indexOf('### Requests'))
  })

  test('an empty run shows – where nothing was measured', () => {
    const text = markdownReport(emptyRun)
    expect(text).toContain('| `GET /api/catalog/products` | 0 | – | – | – | – |')
    expect(text).not.toContain('NaN')
  })
})
