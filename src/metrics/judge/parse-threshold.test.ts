import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { parseThreshold } from './parse-threshold.ts'

const parse = (text: unknown) => parseThreshold(text, 'thresholds[0]')
const messageFor = (text: unknown): string => {
  try {
    parse(text)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).message
  }
  throw new Error(`${String(text)} was accepted`)
}

describe('parseThreshold', () => {
  test('a percentile of all requests', () => {
    expect(parse(' p95 < 300ms ')).toEqual({
      ...{ expression: 'p95 < 300ms', pattern: undefined, operator: '<', limit: 300_000 },
      ...{ metric: { kind: 'percentile', percent: 95 }, forUs: undefined, abort: false },
    })
  })

  test('a name with spaces, slashes and colons, a stretch and an abort', () => {
    expect(parse('GET /api/orders/:id: p99.9 <= 1.5s for 1m30s, abort')).toMatchObject({
      pattern: 'GET /api/orders/:id',
      metric: { kind: 'percentile', percent: 99.9 },
      operator: '<=',
      limit: 1_500_000,
      forUs: 90_000_000,
      abort: true,
    })
  })

  test('a name that holds ": " ends at the last one', () => {
    expect(parse('step: log in: avg < 2s').pattern).toBe('step: log in')
    expect(parse('* /api/*: errors < 1%').pattern).toBe('* /api/*')
    expect(parse('a < b: p95 < 1s').pattern).toBe('a < b')
  })

  test('every metric takes the limit of its own unit', () => {
    const read = ([text]: [string]) => [parse(text).metric.kind, parse(text).limit]
    expect(
      (
        [
          ['avg<200ms'],
          ['min > 1ms'],
          ['max < 2m'],
          ['errors < 1%'],
          ['errors <= 0.05'],
          ['checks > 99.5%'],
          ['rps > 1000'],
          ['rps >= 50/s'],
          ['rps > 600/m'],
          ['drops < 1'],
        ] as [string][]
      ).map(read),
    ).toEqual([
      ['avg', 200_000],
      ['min', 1000],
      ['max', 120_000_000],
      ['errors', 0.01],
      ['errors', 0.05],
      ['checks', 0.995],
      ['rps', 1000],
      ['rps', 50],
      ['rps', 10],
      ['drops', 1],
    ])
  })

  test("k6's percentiles are accepted, bare numbers in ms", () => {
    expect(parse('p(95)<200')).toMatchObject({
      metric: { kind: 'percentile', percent: 95 },
      limit: 200_000,
    })
    expect(parse('p(99.9) < 1s').limit).toBe(1_000_000)
    expect(parse('med<40ms').metric).toEqual({ kind: 'percentile', percent: 50 })
  })

  test('a latency without a unit is refused, with what to write', () => {
    expect(messageFor('avg < 200')).toContain(`e.g. '200s' or '200ms'`)
    expect(messageFor('p95 < 200')).toContain('thresholds[0]: "p95 < 200"')
  })

  test('an unknown metric names the known ones and a hint for what k6 calls it', () => {
    expect(messageFor('p95th < 1s')).toContain('Metrics: avg, min, max, p<number>')
    expect(messageFor('rate<0.01')).toContain(`k6's rate is 'errors' or 'checks' here`)
    expect(messageFor('GET /: latency < 1s')).toContain('there is no metric "latency"')
    expect(messageFor('p999 < 1s')).toContain(`write 'p99.9'`)
  })

  test('what cannot be read says why', () => {
    expect(messageFor('')).toContain('it compares nothing')
    expect(messageFor('p95')).toContain('it compares nothing')
    expect(messageFor('p95 == 1s')).toContain('compare with <, <=, > or >=')
    expect(messageFor('p95 < 1s, stop')).toContain(`after the comma only 'abort' may stand`)
    expect(messageFor('GET /:p95 < 1s')).toContain('a space follows the colon')
    expect(messageFor('p95 < 1s soon')).toContain('it cannot be read')
    expect(messageFor(42)).toContain('a threshold is a text')
    expect(messageFor(': p95 < 1s')).toContain('it cannot be read')
  })

  test('limits out of range are refused', () => {
    expect(messageFor('errors < 5')).toContain(`is it '5%'?`)
    expect(messageFor('errors < 101%')).toContain('0% to 100%')
    expect(messageFor('errors < 1s')).toContain('0% to 100%')
    expect(messageFor('drops < 0.5')).toContain('no whole number')
    expect(messageFor('p95 < -1s')).toContain('is not a duration')
    expect(messageFor('p95 < 1s for 10ms')).toContain('at least 1s')
    expect(messageFor('rps > fast')).toContain('is not a rate')
  })

  test('any name is read back whole', () => {
    const anyName = fc
      .stringMatching(/^[!-~][ -~]{0,30}[!-~]$/)
      .filter(name => !/^\S+\s*[<>]/.test(name) && name.trim() === name)
    fc.assert(
      fc.property(anyName, name => {
        expect(parse(`${name}: p95 < 300ms for 5s, abort`).pattern).toBe(name)
      }),
    )
  })
})
