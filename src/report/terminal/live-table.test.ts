import { describe, expect, test } from 'vitest'
import { Histogram, type TimelinePoint } from '../../metrics/index.ts'
import { plainPaint } from '../paint.ts'
import { LiveFigures } from './live-figures.ts'
import { liveFrame, liveLine, type LiveFrameOptions } from './live-table.ts'
import { sparkline } from './sparkline.ts'
import { fit, widthOf, wrap } from './width.ts'

/** A second in which each name made so many exchanges of the given length. */
function second(index: number, counts: Record<string, number>, ms = 10): TimelinePoint {
  const perName = Object.entries(counts).map(([name, requests]) => {
    const latency = Histogram.of(Array<number>(requests).fill(ms * 1000))
    return { scenario: 'shop', name, requests, failures: 0, latency }
  })
  const latency = Histogram.merged(perName.map(one => one.latency))
  const requests = latency.count
  return {
    index,
    users: 5,
    requests,
    failures: 0,
    drops: 0,
    bytesIn: 0,
    bytesOut: 0,
    latency,
    perName,
  }
}

const moment = {
  ...{ script: 'shop.ts', model: 'closed' as const, elapsedUs: 42_400_000 },
  durationUs: 120_000_000,
}
const frame = (figures: LiveFigures, options: Partial<LiveFrameOptions> = {}) =>
  liveFrame(figures, { ...moment, width: 80, height: 24, paint: plainPaint, ...options })

function figuresOf(points: readonly TimelinePoint[]): LiveFigures {
  const figures = new LiveFigures()
  for (const point of points) figures.add(point)
  return figures
}

describe('liveFrame', () => {
  const steady = figuresOf(
    Array.from({ length: 30 }, (_, i) =>
      second(i, { 'GET /a': 40, 'POST /orders/:id': 10 }, 1 + i),
    ),
  )

  test('looks as the golden files, narrow and wide', async () => {
    const keys = 'w/s users +1/-1 · Ctrl-C stop'
    await expect(frame(steady, { keys })).toMatchFileSnapshot('../golden/live-80.txt')
    await expect(frame(steady, { width: 120 })).toMatchFileSnapshot('../golden/live-120.txt')
  })

  test('rates and percentiles are those of the last five seconds', () => {
    // Seconds 26 to 30 took 26..30 ms: the median of five equal groups is the middle one.
    expect(frame(steady)).toMatch(/GET \/a +1,200 +0 +40\.0 +28\.0 +30\.0 +30\.0/)
    expect(frame(steady)).toContain('50.0 req/s')
  })

  test('it is never wider nor higher than it may be', () => {
    const names = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`GET /${i}`, 1 + i]))
    const figures = figuresOf([second(0, names)])
    for (const width of [40, 60, 80, 120, 200]) {
      for (const height of [5, 10, 14, 24, 60]) {
        const lines = frame(figures, { width, height, keys: 'w/s users' }).split('\n')
        expect(lines.length).toBeLessThan(height)
        if (width >= 60) expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width)
      }
    }
    const shown = frame(figures, { height: 20 })
    expect(shown).toContain('more names')
    expect(shown).toContain('GET /49')
    expect(shown).not.toContain('GET /0 ')
  })

  test('before the first answer it says what it waits for', () => {
    const text = frame(new LiveFigures(), { elapsedUs: -500_000 })
    expect(text).toContain('waiting for the first answer')
    expect(text).toContain('0:00 / 2:00')
    expect(text).not.toContain('NaN')
  })

  test('a silent target shows –, and a status takes the place of the keys', () => {
    const silent = figuresOf([
      second(0, { 'GET /a': 3 }),
      ...[1, 2, 3, 4, 5].map(i => second(i, {})),
    ])
    const text = frame(silent, { status: 'paused', keys: 'p pause' })
    expect(text).toMatch(/GET \/a +3 +0 +0 +– +– +–/)
    expect(text).toContain('  paused')
    expect(text).not.toContain('p pause')
  })

  test('a plain line has the same figures', () => {
    expect(liveLine(steady, moment)).toBe(
      '0:42 / 2:00  5 users  50.0 req/s  0 failed  p50 28.0 ms  p95 30.0 ms  p99 30.0 ms',
    )
    const open = { ...moment, model: 'open' as const, durationUs: undefined, status: 'stopping' }
    expect(liveLine(steady, open)).toContain(
      '       0:42  5 users  50.0 req/s  0 failed  0 dropped',
    )
  })

  test('memory stays bounded however long the run is', () => {
    const figures = figuresOf(Array.from({ length: 300 }, (_, i) => second(i, { 'GET /a': 1 })))
    expect(figures.rates.length).toBe(60)
    expect(figures.names()[0]?.p95Us.length).toBe(60)
    expect(figures.requests).toBe(300)
  })
})

describe('sparkline', () => {
  test('scales from 0 to the largest and keeps the newest at the right', () => {
    expect(sparkline([0, 1, 4, 8], 4)).toBe('▁▁▄█')
    expect(sparkline([8, undefined, NaN, 4], 6)).toBe('  █  ▄')
    expect(sparkline([1, 2, 3], 2)).toBe('▆█')
    expect(sparkline([0, 0], 2)).toBe('▁▁')
    expect(sparkline([], 3)).toBe('   ')
    expect(sparkline([1], 0)).toBe('')
  })
})

describe('text in columns', () => {
  test('wide and combining characters take the columns a terminal gives them', () => {
    expect(widthOf('abc')).toBe(3)
    expect(widthOf('商品')).toBe(4)
    expect(widthOf('e\u0301')).toBe(1)
    expect(widthOf('🚀')).toBe(2)
  })

  test('a text that is too long loses its middle', () => {
    expect(fit('GET /api/catalog/products/:id', 20)).toBe('GET /api/cata…ts/:id')
    expect(fit('short', 20)).toBe('short')
    expect(fit('商品商品商品', 7)).toBe('商品…品')
    expect(fit('abc', 1)).toBe('…')
    expect(fit('abc', 0)).toBe('')
  })

  test('lines break at spaces', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('unbreakable', 4)).toEqual(['unbreakable'])
    expect(wrap('', 4)).toEqual([''])
  })
})
