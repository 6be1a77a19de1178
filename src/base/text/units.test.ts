import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import {
  formatBytes,
  formatDurationUs,
  parseBytes,
  parseDurationUs,
  parseRatePerSecond,
} from './units.ts'

function messageFrom(act: () => unknown): string {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('durations', () => {
  test.for([
    ['250us', 250],
    ['250µs', 250],
    ['250ms', 250_000],
    ['1.5s', 1_500_000],
    ['2m', 120_000_000],
    ['2min', 120_000_000],
    ['1h', 3_600_000_000],
    ['1m30s', 90_000_000],
    [' 0s ', 0],
  ] as const)('%s is %d µs', ([text, us]) => {
    expect(parseDurationUs(text, 'here')).toBe(us)
  })

  test.for(['-5s', '5 apples', '', 's', '5 s', '1e3s', 'ten', null, undefined, {}, '5sm'])(
    '%s is refused, with the place and an example',
    text => {
      const message = messageFrom(() => parseDurationUs(text, 'load.duration'))
      expect(message).toMatch(/^load\.duration: .*is not a duration/)
      expect(message).toContain("'30s'")
    },
  )

  test('a number without a unit is refused with both likely meanings', () => {
    expect(messageFrom(() => parseDurationUs(30, 'x'))).toContain("'30s' or '30ms'")
    expect(messageFrom(() => parseDurationUs('30', 'x'))).toContain("'30s' or '30ms'")
  })

  test('any mix of units adds up', () => {
    fc.assert(
      fc.property(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999), (h, m, s, ms) => {
        const us = (((h * 60 + m) * 60 + s) * 1000 + ms) * 1000
        expect(parseDurationUs(`${h}h${m}m${s}s${ms}ms`, 'x')).toBe(us)
      }),
    )
  })

  test.for([
    [0.4, '0.40 µs'],
    [850, '850 µs'],
    [12_340, '12.3 ms'],
    [999_600, '1.00 s'],
    [1_250_000, '1.25 s'],
    [125_000_000, '2 min 5 s'],
    [7_260_000_000, '2 h 1 min'],
    [undefined, '–'],
    [Number.NaN, '–'],
  ] as const)('%s µs is shown as %s', ([us, text]) => {
    expect(formatDurationUs(us)).toBe(text)
  })
})

describe('rates', () => {
  test.for([
    ['50/s', 50],
    ['600/m', 10],
    ['3600/h', 1],
    ['0.5 / s', 0.5],
    [7, 7],
    [0, 0],
  ] as const)('%s is %d per second', ([text, perSecond]) => {
    expect(parseRatePerSecond(text, 'here')).toBe(perSecond)
  })

  test.for(['50', '-1/s', '50/day', '', -1, Number.NaN, Infinity, null])('%s is refused', text => {
    expect(messageFrom(() => parseRatePerSecond(text, 'rate'))).toMatch(/^rate: .*is not a rate/)
  })
})

describe('sizes', () => {
  test.for([
    ['512b', 512],
    ['64kB', 64_000],
    ['64KiB', 65_536],
    ['1.5MB', 1_500_000],
    ['1GiB', 1_073_741_824],
    [10, 10],
  ] as const)('%s is %d bytes', ([text, bytes]) => {
    expect(parseBytes(text, 'here')).toBe(bytes)
  })

  test.for(['64', '-1kB', '1TBs', 1.5, -1, null])('%s is refused', text => {
    expect(messageFrom(() => parseBytes(text, 'maxBody'))).toMatch(/^maxBody: .*is not a size/)
  })

  test.for([
    [0, '0 B'],
    [999, '999 B'],
    [1_500, '1.50 kB'],
    [999_600, '1.00 MB'],
    [2_100_000, '2.10 MB'],
    [3e9, '3.00 GB'],
  ] as const)('%d bytes are shown as %s', ([bytes, text]) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
