import { Histogram, type RunSummary } from '../../metrics/index.ts'
import { latencyOf, requestsOf } from '../figures.ts'
import { hdrBytes, type Deflate } from './hdr-bytes.ts'

/** Steps between a percentile and the next halving of what is left, as HdrHistogram's own tools. */
const ticksPerHalfDistance = 5

/**
 * An HdrHistogram log, format 1.3: one compressed line a second for all exchanges, values in µs.
 * HdrHistogram's log analyser and plotter read it. `deflate` is zlib's (node:zlib deflateSync).
 * Seconds whose latency the timeline gave up in a very long run are left out.
 */
export function hdrLog({ timeline, run }: RunSummary, deflate: Deflate): string {
  const startSeconds = (run.startedAtUnixMs / 1000).toFixed(3)
  const started = new Date(run.startedAtUnixMs).toISOString()
  const head = [
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${startSeconds} (seconds since epoch), ${started}]`,
    `#[BaseTime: ${startSeconds} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]
  const lines = timeline
    .map(({ index, latency }) => ({ index, latency }))
    .filter(({ latency }) => latency.count > 0)
    .map(({ index, latency }) => {
      const maxMs = (latency.maxUs / 1000).toFixed(3)
      return `${index}.000,1.000,${maxMs},${base64(hdrBytes(latency, deflate))}`
    })
  return `${[...head, ...lines].join('\n')}\n`
}

/**
 * HdrHistogram's percentile table of the latency of all exchanges, in ms: Value, Percentile,
 * TotalCount, 1/(1-Percentile). Online plotters take it as it is. An empty run has no lines.
 */
export function percentileTable(summary: RunSummary): string {
  const latency = Histogram.merged(requestsOf(summary).map(latencyOf))
  const head = '       Value     Percentile TotalCount 1/(1-Percentile)\n'
  const lines = percentileLines(latency)
  const shown = (us: number) => (Number.isNaN(us) ? '–' : (us / 1000).toFixed(3)).padStart(12)
  const foot = [
    `#[Mean    = ${shown(latency.meanUs)}, StdDeviation   = ${shown(deviationUs(latency))}]`,
    `#[Max     = ${shown(latency.maxUs)}, Total count    = ${String(latency.count).padStart(12)}]`,
  ]
  return `${[head, ...lines, ...foot].join('\n')}\n`
}

function percentileLines(latency: Histogram): string[] {
  const buckets = [...latency.buckets()]
  const lines: string[] = []
  let seen = 0
  let next = 0
  for (const [index, { valueUs, count }] of buckets.entries()) {
    seen += count
    const last = index === buckets.length - 1
    // Reached before the last bucket, it is below 100, so the steps towards 100 come to an end.
    const reached = (100 * seen) / latency.count
    if (reached < next && !last) continue
    const ms = ((last ? latency.maxUs : valueUs) / 1000).toFixed(3).padStart(12)
    const level = last ? 100 : reached
    const inverse = last ? '' : ` ${(100 / (100 - level)).toFixed(2).padStart(14)}`
    lines.push(`${ms} ${(level / 100).toFixed(12)} ${String(seen).padStart(10)}${inverse}`)
    while (!last && next <= reached) next = nextLevel(next)
  }
  return lines
}

/** Each halving of the distance to 100 % takes the same number of steps. */
function nextLevel(percent: number): number {
  const halvings = Math.floor(Math.log2(100 / (100 - percent))) + 1
  return percent + 100 / (ticksPerHalfDistance * 2 ** halvings)
}

function deviationUs(latency: Histogram): number {
  let squares = 0
  for (const { valueUs, count } of latency.buckets()) {
    squares += count * (valueUs - latency.meanUs) ** 2
  }
  return Math.sqrt(squares / latency.count)
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
