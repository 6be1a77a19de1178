import { deflateSync } from 'node:zlib'
import * as hdr from 'hdr-histogram-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram } from '../../metrics/index.ts'
import { emptyRun, failedRun } from '../testing/fixture.ts'
import { hdrBytes } from './hdr-bytes.ts'
import { hdrLog, percentileTable } from './hdr-log.ts'

const deflate = (bytes: Uint8Array) => deflateSync(bytes)

describe('hdrLog', () => {
  test('is read back by hdr-histogram-js with the same counts and percentiles', () => {
    const reader = new hdr.HistogramLogReader(hdrLog(failedRun, deflate))
    const read: hdr.Histogram[] = []
    for (;;) {
      const next = reader.nextIntervalHistogram()
      if (next === null) break
      read.push(next)
    }
    expect(read.map(one => one.totalCount)).toEqual([100, 120, 140, 160, 180, 200])
    read.forEach((theirs, index) => {
      const ours = failedRun.timeline[index]!.latency
      for (const percent of [50, 90, 99, 100]) {
        const expected = ours.percentileUs(percent)
        const apart = Math.abs(theirs.getValueAtPercentile(percent) - expected)
        expect(apart).toBeLessThanOrEqual(expected * 0.002 + 1)
      }
    })
    expect(read[0]?.startTimeStampMsec).toBe(failedRun.run.startedAtUnixMs)
  })

  test('any histogram keeps its counts', () => {
    const anyValuesUs = fc.array(fc.integer({ min: 1, max: 3_600_000_000 }), {
      minLength: 1,
      maxLength: 100,
    })
    fc.assert(
      fc.property(anyValuesUs, valuesUs => {
        const ours = Histogram.of(valuesUs)
        const text = Buffer.from(hdrBytes(ours, deflate)).toString('base64')
        const theirs = hdr.decodeFromCompressedBase64(text)
        expect(theirs.totalCount).toBe(valuesUs.length)
        expect(Math.abs(theirs.maxValue - ours.maxUs)).toBeLessThanOrEqual(ours.maxUs * 0.002 + 1)
      }),
    )
  })

  test('an empty run has a head and no line', () => {
    const lines = hdrLog(emptyRun, deflate).trim().split('\n')
    expect(lines.length).toBe(4)
  })
})

describe('percentileTable', () => {
  test('looks as the golden file', async () => {
    await expect(percentileTable(failedRun)).toMatchFileSnapshot('../golden/percentiles.hgrm')
  })

  test('rises to 100 % and counts every exchange', () => {
    const lines = percentileTable(failedRun)
      .split('\n')
      .filter(line => /^ +[\d.]+ /.test(line))
      .map(line => line.trim().split(/ +/).map(Number))
    expect(lines.at(-1)?.slice(0, 3)).toEqual([1250, 1, 7600])
    for (const [index, line] of lines.slice(1).entries()) {
      expect(line[0]).toBeGreaterThanOrEqual(lines[index]![0]!)
      expect(line[1]).toBeGreaterThan(lines[index]![1]!)
    }
    const [, level, count, inverse] = lines[3]!
    expect(level).toBeCloseTo(count! / 7600, 9)
    expect(inverse).toBeCloseTo(1 / (1 - level!), 1)
  })

  test('an empty run shows –, never NaN', () => {
    expect(percentileTable(emptyRun)).not.toContain('NaN')
    expect(percentileTable(emptyRun)).toContain('–')
  })
})
