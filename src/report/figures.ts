import { exitCodes, formatDurationUs, type ExitName } from '../base/index.ts'
import {
  decideExit,
  Histogram,
  isLatency,
  type RunSummary,
  type SeriesSummary,
  type Threshold,
} from '../metrics/index.ts'

/** Shown where there is nothing to show: never 0, never NaN. */
export const nothing = '–'

/** Percentiles of every report, lowest first. */
export const percentiles = [50, 75, 90, 95, 99, 99.9] as const

export const requestsOf = (summary: RunSummary): SeriesSummary[] =>
  summary.series.filter(({ kind }) => kind === 'request')

/** All samples of the series, both outcomes. */
export const countOf = ({ ok, failed }: SeriesSummary): number => ok.count + failed.count

/** Latency of all samples of the series, both outcomes. */
export function latencyOf({ ok, failed }: SeriesSummary): Histogram {
  return Histogram.merged([ok.latency, failed.latency])
}

/** Service time of all samples of the series, both outcomes. */
export function serviceTimeOf({ ok, failed }: SeriesSummary): Histogram {
  return Histogram.merged([ok.serviceTime, failed.serviceTime])
}

/** How the process ends after this run. */
export function endOf(summary: RunSummary): { name: ExitName; code: number } {
  const name = decideExit(summary)
  return { name, code: exitCodes[name] }
}

/** Per second of measured time; undefined when nothing was measured. */
export function perSecond(count: number, measuredSeconds: number): number | undefined {
  return measuredSeconds > 0 ? count / measuredSeconds : undefined
}

/** Share 0..1; undefined of nothing. */
export function ratioOf(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined
}

/** '1,234,567', the same in every language. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** '0.25', '12.3', '1,029': three digits, or whole. For rates and for milliseconds. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return nothing
  if (value >= 99.95 || value === 0) return formatCount(value)
  return value.toFixed(value >= 9.995 ? 1 : 2)
}

/** Milliseconds for a table that says so in its head: '0.412', '4.31', '45.0', '1,250'. */
export function formatMs(us: number): string {
  if (Number.isNaN(us)) return nothing
  return us > 0 && us < 999.5 ? (us / 1000).toFixed(3) : formatNumber(us / 1000)
}

/** '0 %', '0.03 %', '4.2 %', '87 %'; a share that is not zero never shows as '0 %'. */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined || Number.isNaN(ratio)) return nothing
  const percent = ratio * 100
  if (percent === 0 || percent === 100) return `${percent} %`
  if (percent < 0.01) return '<0.01 %'
  if (percent > 99.99) return '>99.99 %'
  if (percent < 1 || percent >= 99) return `${percent.toFixed(2)} %`
  return `${percent.toFixed(percent < 10 || percent > 90 ? 1 : 0)} %`
}

/** '0:42', '12:05', '1:00:00': time on the clock of the run. */
export function formatClock(us: number): string {
  const seconds = Math.floor(us / 1_000_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** A length of time as people say it: '5 s', not '5.00 s'; '1.25 s', '0 s', '2 min'. */
export function formatSpan(us: number): string {
  if (us === 0) return '0 s'
  return formatDurationUs(us)
    .replace(/\.0+ /, ' ')
    .replace(/(min|h) 0 (s|min)$/, '$1')
}

/**
 * A threshold's limit or measured value, in the words of its metric. A value that would look like
 * the limit without being it gets more digits: 300.4 ms is not below 300 ms.
 */
export function formatMeasured(threshold: Threshold, value: number | undefined): string {
  if (value === undefined) return nothing
  const text = shortMeasured(threshold, value)
  const { limit } = threshold
  if (value === limit || text !== shortMeasured(threshold, limit)) return text
  return longMeasured(threshold, value)
}

function shortMeasured({ metric }: Threshold, value: number): string {
  if (isLatency(metric)) return formatDurationUs(value)
  if (metric.kind === 'rps') return `${formatNumber(value)}/s`
  return metric.kind === 'drops' ? formatCount(value) : formatRatio(value)
}

function longMeasured({ metric }: Threshold, value: number): string {
  if (isLatency(metric)) return `${(value / 1000).toFixed(3)} ms`
  return metric.kind === 'rps' ? `${value.toFixed(3)}/s` : `${(value * 100).toFixed(4)} %`
}

/** 'open model', 'closed model' or 'open and closed model': what the latencies mean. */
export function modelLabel(model: RunSummary['run']['model']): string {
  return model === 'mixed' ? 'open and closed model' : `${model} model`
}

/** A series' name, with its scenario where there is more than one. */
export function shownName(one: { scenario: string; name: string }, scenarios: number): string {
  return scenarios > 1 ? `${one.scenario} › ${one.name}` : one.name
}

const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

/** Text from outside on one line: control characters would steer the terminal. */
export function printable(text: string): string {
  return text.replace(control, ' ')
}
