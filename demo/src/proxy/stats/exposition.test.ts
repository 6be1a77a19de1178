import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Exposition } from './exposition.ts'
import { Histogram } from './histogram.ts'

describe("a page in Prometheus' format", () => {
  test('has one type line a name, with its series together', () => {
    const page = new Exposition()
    page.counter('requests', 1, { to: 'a' })
    page.gauge('open', 2)
    page.counter('requests', 3, { to: 'b' })
    expect(page.toString()).toBe(
      '# TYPE requests counter\nrequests{to="a"} 1\nrequests{to="b"} 3\n' +
        '# TYPE open gauge\nopen 2\n',
    )
  })

  test('escapes what would end a label', () => {
    const page = new Exposition()
    page.gauge('open', 1, { name: 'a"b\\c\nd' })
    expect(page.toString()).toContain('open{name="a\\"b\\\\c\\nd"} 1\n')
  })

  test('writes a histogram with its sum and count', () => {
    const histogram = new Histogram()
    for (const value of [0.5, 0.6, 7_200_000]) histogram.observe(value)
    const page = new Exposition()
    page.histogram('took', histogram, { to: 'a' })
    const lines = page.toString().split('\n')
    expect(lines).toContain('took_bucket{to="a",le="0.5"} 1')
    expect(lines).toContain('took_bucket{to="a",le="1"} 2')
    expect(lines).toContain('took_bucket{to="a",le="3600000"} 2')
    expect(lines).toContain('took_bucket{to="a",le="+Inf"} 3')
    expect(lines).toContain('took_sum{to="a"} 7200001.1')
    expect(lines).toContain('took_count{to="a"} 3')
  })

  test('counts in each bucket what is not above its bound', () => {
    const values = fc.array(fc.double({ min: 0, max: 5_000_000, noNaN: true }))
    fc.assert(
      fc.property(values, numbers => {
        const histogram = new Histogram()
        for (const value of numbers) histogram.observe(value)
        for (const [bound, count] of histogram.cumulative()) {
          const most = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
          expect(count).toBe(numbers.filter(value => value <= most).length)
        }
      }),
    )
  })
})
