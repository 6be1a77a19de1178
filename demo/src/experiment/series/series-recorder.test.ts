import { describe, expect, test, vi } from 'vitest'
import { startTestServer } from '../../kit/test-server.ts'
import { Scraper } from './scraper.ts'
import { SeriesRecorder, seriesOf, timesOf, type RecordedSeries } from './series-recorder.ts'

const target = { url: 'http://127.0.0.1:1/metrics', labels: { service: 'catalog' } }

/** Values of a series by name and labels, read back from what would be written. */
function valuesOf(recorded: RecordedSeries, name: string, labels: object = {}) {
  return recorded.targets
    .flatMap(one => seriesOf(recorded, one))
    .filter(one => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels))
    .map(({ values }) => values)
}

const at = (atUnixMs: number, page?: string) => ({
  ...{ atUnixMs, tookMs: 2 },
  ...(page === undefined ? {} : { page }),
})

describe('SeriesRecorder', () => {
  test('keeps counters raw, with times from the start of the run', () => {
    const recorder = new SeriesRecorder()
    recorder.add(target, at(9_000, '# TYPE a counter\na{x="1",s="c"} 5\nb{s="c"} 0.1234567'))
    recorder.add(target, at(15_004, 'a{x="1",s="c"} 8\na{x="2",s="c"} 1\nb{s="c"} NaN'))
    const written = JSON.stringify(
      recorder.encoded({ startedAtUnixMs: 10_000, scrapeIntervalMs: 5_000 }),
    )
    const recorded = JSON.parse(written) as RecordedSeries
    expect(recorded.types).toEqual({ a: 'counter' })
    expect(recorded.targets[0]?.labels).toEqual({ service: 'catalog', s: 'c' })
    expect(timesOf(recorded.targets[0]!)).toEqual([-1_000, 5_004])
    expect(valuesOf(recorded, 'a', { x: '1' })).toEqual([[5, 8]])
    expect(valuesOf(recorded, 'a', { x: '2' })).toEqual([[undefined, 1]])
    expect(valuesOf(recorded, 'b')).toEqual([[0.12346, NaN]])
    expect(valuesOf(recorded, 'up')).toEqual([[1, 1]])
  })

  test('keeps durations to 10 µs and memory to 1 kB, and every byte that is counted', () => {
    const recorder = new SeriesRecorder()
    const page = 'wait_milliseconds_sum 1.23456\nheap_bytes 123456\nsent_bytes_total 123456'
    recorder.add(target, at(0, page))
    const recorded = recorder.encoded({ startedAtUnixMs: 0, scrapeIntervalMs: 1 })
    expect(valuesOf(recorded, 'wait_milliseconds_sum')).toEqual([[1.23]])
    expect(valuesOf(recorded, 'heap_bytes')).toEqual([[123_000]])
    expect(valuesOf(recorded, 'sent_bytes_total')).toEqual([[123_456]])
  })

  test('a scrape that failed, or was no page, is a gap with up = 0', () => {
    const recorder = new SeriesRecorder()
    recorder.add(target, at(0, 'a 1'))
    recorder.add(target, at(1))
    recorder.add(target, at(2, '<html>busy</html>'))
    recorder.add(target, at(3, 'a 2'))
    const recorded = recorder.encoded({ startedAtUnixMs: 0, scrapeIntervalMs: 1 })
    expect(valuesOf(recorded, 'a')).toEqual([[1, undefined, undefined, 2]])
    expect(valuesOf(recorded, 'up')).toEqual([[1, 0, 0, 1]])
  })

  test('the same series of two targets have one identity', () => {
    const recorder = new SeriesRecorder()
    recorder.add(target, at(0, 'a{service_name="catalog"} 1\nc{service_name="catalog"} 1'))
    const other = { url: 'http://127.0.0.1:2/metrics', labels: { service: 'cart' } }
    recorder.add(other, at(0, 'a{service_name="cart"} 2\nc{service_name="cart"} 2'))
    const recorded = recorder.encoded({ startedAtUnixMs: 0, scrapeIntervalMs: 1 })
    expect(valuesOf(recorded, 'a')).toEqual([[1], [2]])
    expect(recorded.targets.map(({ labels }) => labels['service_name'])).toEqual([
      ...['catalog', 'cart'],
    ])
  })
})

describe('seriesOf', () => {
  test('gives back every bucket of a histogram, with gaps where a scrape failed', () => {
    const page = (low: number, all: number) =>
      `d_bucket{le="1",s="c"} ${low}\nd_bucket{le="+Inf",s="c"} ${all}\nd_count{s="c"} ${all}`
    const recorder = new SeriesRecorder()
    recorder.add(target, at(0, page(0, 0)))
    recorder.add(target, at(1))
    recorder.add(target, at(2, page(3, 5)))
    const recorded = recorder.encoded({ startedAtUnixMs: 0, scrapeIntervalMs: 1 })
    expect(recorded.targets[0]?.histograms).toHaveLength(1)
    expect(valuesOf(recorded, 'd_bucket', { le: '1' })).toEqual([[0, undefined, 3]])
    expect(valuesOf(recorded, 'd_bucket', { le: '+Inf' })).toEqual([[0, undefined, 5]])
  })
})

describe('Scraper', () => {
  test('asks every target in each round, and once more at the end', async () => {
    let asked = 0
    const url = await startTestServer((_, response) => response.end(`asked_total ${++asked}\n`))
    const recorder = new SeriesRecorder()
    const targets = async () => [{ url, labels: {} }]
    const scraper = new Scraper({ targets, intervalMs: 20, recorder })
    await vi.waitFor(() => expect(asked).toBeGreaterThan(2))
    await scraper.stop()
    const recorded = recorder.encoded({ startedAtUnixMs: 0, scrapeIntervalMs: 20 })
    const counted = Array.from({ length: asked }, (_, index) => index + 1)
    expect(valuesOf(recorded, 'asked_total')).toEqual([counted])
  })
})
