import { HistogramLogReader, type Histogram } from 'hdr-histogram-js'
import { bucketOf, bucketRatio, encodeBuckets, type EncodedBuckets } from './latency-buckets.ts'

/** One second of the run as its clients saw it. */
export type SecondWindow = readonly [
  /** Seconds since the start of the run. */
  second: number,
  users: number,
  requests: number,
  failures: number,
  /** Of all requests that ended in it, from the intended start; both outcomes. */
  latency: EncodedBuckets,
]

export interface ClientWindows {
  readonly bucketRatio: number
  /** Seconds in which nothing ended are missing. */
  readonly seconds: readonly SecondWindow[]
}

/**
 * The run by the second, from two files of the command line: Locust's history (users, requests,
 * failures) and the HdrHistogram log (latency).
 */
export function readWindows(files: {
  readonly historyCsv: string
  readonly hdrLog: string
  readonly startedAtUnixMs: number
}): ClientWindows {
  const latencies = readHdrLog(files.hdrLog, files.startedAtUnixMs)
  const startedAtSecond = Math.floor(files.startedAtUnixMs / 1_000)
  const seconds = readHistory(files.historyCsv).map((row): SecondWindow => {
    // The history names the end of a second by the clock's whole seconds.
    const second = row.timestamp - startedAtSecond - 1
    const latency = latencies.get(second) ?? []
    return [second, row.users, row.requests, row.failures, latency]
  })
  return { bucketRatio, seconds: seconds.filter(([, , requests]) => requests > 0) }
}

interface HistoryRow {
  readonly timestamp: number
  readonly users: number
  readonly requests: number
  readonly failures: number
}

/** Rows of all requests together: no name is in them, so no value is quoted. */
function readHistory(csv: string): HistoryRow[] {
  const [head = '', ...lines] = csv.trim().split('\n')
  const heads = head.split(',')
  const column = (name: string): number => {
    const index = heads.indexOf(name)
    if (index === -1) throw new Error(`the history has no column ${name}`)
    return index
  }
  const columns = ['Timestamp', 'User Count', 'Requests/s', 'Failures/s'].map(column)
  const nameAt = column('Name')
  return lines
    .map(line => line.split(','))
    .filter(cells => cells[nameAt] === 'Aggregated')
    .map(cells => {
      const [timestamp = 0, users = 0, requests = 0, failures = 0] = columns.map(index =>
        Number(cells[index]),
      )
      return { timestamp, users, requests, failures }
    })
}

/** Latency buckets by second. */
function readHdrLog(text: string, startedAtUnixMs: number): Map<number, EncodedBuckets> {
  const reader = new HistogramLogReader(text)
  const found = new Map<number, EncodedBuckets>()
  for (;;) {
    const one = reader.nextIntervalHistogram()
    if (one === null) return found
    const second = Math.round((one.startTimeStampMsec - startedAtUnixMs) / 1_000)
    found.set(second, encodeBuckets(bucketsOf(one)))
  }
}

function bucketsOf(histogram: Histogram): Map<number, number> {
  const buckets = new Map<number, number>()
  // The library's types do not show its iterator over recorded values.
  const values = (histogram as unknown as Iterating).recordedValuesIterator
  values.reset()
  while (values.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = values.next()
    const bucket = bucketOf(valueIteratedTo)
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + countAddedInThisIterationStep)
  }
  return buckets
}

interface Iterating {
  readonly recordedValuesIterator: {
    reset(): void
    hasNext(): boolean
    next(): { valueIteratedTo: number; countAddedInThisIterationStep: number }
  }
}
