import * as hdr from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { readWindows } from './client-windows.ts'
import { bucketOf, decodeBuckets } from './latency-buckets.ts'

const startedAtUnixMs = 1_741_944_413_589

const head =
  'Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,' +
  '99.99%,100%,Total Request Count,Total Failure Count'
const rest = ',1,1,1,1,1,1,1,1,1,1,1,0,0'

/** A log as HdrHistogram's own writer makes it: values in µs by second. */
function logOf(seconds: Readonly<Record<number, readonly number[]>>): string {
  const writer = new hdr.HistogramLogWriter(line => (text += line))
  let text = ''
  writer.outputLogFormatVersion()
  writer.baseTime = startedAtUnixMs
  writer.outputComment(`[BaseTime: ${startedAtUnixMs / 1_000} (seconds since epoch)]`)
  writer.outputLegend()
  for (const [second, values] of Object.entries(seconds)) {
    const histogram = hdr.build({ numberOfSignificantValueDigits: 3 })
    for (const value of values) histogram.recordValue(value)
    histogram.startTimeStampMsec = startedAtUnixMs + Number(second) * 1_000
    histogram.endTimeStampMsec = histogram.startTimeStampMsec + 1_000
    writer.outputIntervalHistogram(histogram)
  }
  return text
}

describe('readWindows', () => {
  test('joins the history and the log of latencies by the second', () => {
    const historyCsv = `${head}
1741944414,10,,Aggregated,3,1${rest}
1741944415,12,,Aggregated,0,0${rest}
1741944416,14,,Aggregated,1,0${rest}
`
    const hdrLog = logOf({ 0: [900, 5_000, 5_000], 2: [250_000] })
    const { seconds } = readWindows({ historyCsv, hdrLog, startedAtUnixMs })
    expect(
      seconds.map(([second, users, requests, failures]) => [
        ...[second, users, requests, failures],
      ]),
    ).toEqual([
      [0, 10, 3, 1],
      [2, 14, 1, 0],
    ])
    const latencies = seconds.map(([, , , , latency]) => [...decodeBuckets(latency)])
    expect(latencies).toEqual([
      [
        [bucketOf(900), 1],
        [bucketOf(5_000), 2],
      ],
      [[bucketOf(250_000), 1]],
    ])
  })

  test('a history without its columns is refused', () => {
    const files = { historyCsv: 'a,b\n1,2\n', hdrLog: '', startedAtUnixMs }
    expect(() => readWindows(files)).toThrow('the history has no column')
  })
})
