import { parseDurationUs, parseRatePerSecond, UsageError } from '../../base/index.ts'
import type { Threshold, ThresholdMetric } from '../threshold.ts'

const knownMetrics = 'avg, min, max, p<number> such as p95 or p99.9, errors, rps, drops, checks'

/** What k6 users type, and what to write instead. */
const foreignMetrics: Readonly<Record<string, string>> = {
  rate: `k6's rate is 'errors' or 'checks' here`,
  count: `a total has no limit here; limit 'rps' or 'drops'`,
  mean: `write 'avg'`,
  average: `write 'avg'`,
  error: `write 'errors'`,
  failures: `write 'errors'`,
  reqs: `write 'rps'`,
  check: `write 'checks'`,
}

interface Parts {
  readonly pattern: string | undefined
  readonly metric: string
  readonly operator: string
  readonly limit: string
  readonly forText: string | undefined
}

/**
 * Parses '[<name or glob>:] <metric> <op> <limit> [for <duration>] [, abort]', e.g.
 * 'GET /orders/:id: p99 < 1s for 30s, abort'. `where` names the place for the message. A name may
 * hold spaces, slashes and colons: it ends at the last ': ' that leaves something to limit.
 *
 * Limits: a duration for avg, min, max and percentiles; a percentage or a ratio 0..1 for errors and
 * checks; a number, with '/s' or not, for rps; a whole number for drops. `p(95)<200`, as k6 writes
 * it, is in ms; everywhere else a duration without a unit is refused.
 */
export function parseThreshold(text: unknown, where: string): Threshold {
  if (typeof text !== 'string') throw refused(where, text, 'a threshold is a text')
  const expression = text.trim()
  const withoutAbort = expression.replace(/\s*,\s*abort$/i, '')
  const parts = partsOf(withoutAbort)
  if (parts === undefined) throw refused(where, text, whyUnreadable(withoutAbort))
  const place = `${where}: ${JSON.stringify(expression)}`
  const metric = metricOf(parts.metric, place)
  return {
    expression,
    pattern: parts.pattern,
    metric,
    operator: parts.operator as Threshold['operator'],
    limit: limitOf(parts, metric, place),
    forUs: parts.forText === undefined ? undefined : stretchUs(parts.forText, place),
    abort: withoutAbort !== expression,
  }
}

/** Whether the metric is a figure of `latency`: its limit and its value are in µs. */
export function isLatency(metric: ThresholdMetric): boolean {
  return ['avg', 'min', 'max', 'percentile'].includes(metric.kind)
}

function partsOf(text: string): Parts | undefined {
  const ends = [...text.matchAll(/:\s+/g)].reverse()
  for (const end of [...ends, undefined]) {
    const pattern = end && text.slice(0, end.index).trim()
    const rest = end ? text.slice(end.index + end[0].length) : text
    const match =
      /^([a-z]+[\d.]*(?:\([\d.]*\))?)\s*(<=|>=|<|>)\s*([^\s<>=]+)(?:\s+for\s+(\S+))?$/i.exec(
        rest.trim(),
      )
    if (match === null || pattern === '') continue
    const [, metric, operator, limit, forText] = match
    return { pattern, metric: metric!.toLowerCase(), operator: operator!, limit: limit!, forText }
  }
  return undefined
}

function whyUnreadable(text: string): string {
  if (/==|!=|=[^<>]|=<|=>/.test(text) && !/<=|>=/.test(text)) return 'compare with <, <=, > or >='
  if (/,/.test(text)) return `after the comma only 'abort' may stand`
  if (!/[<>]/.test(text)) return 'it compares nothing'
  if (/\S:[a-z]/i.test(text) && !/:\s/.test(text)) return 'a space follows the colon after a name'
  return 'it cannot be read'
}

function refused(where: string, text: unknown, why: string): UsageError {
  return new UsageError(
    'THRESHOLD',
    `${where}: ${JSON.stringify(text)}: ${why}; write e.g. 'p95 < 300ms', 'errors < 1%' or ` +
      `'GET /orders/:id: p99 < 1s for 30s, abort'. Metrics: ${knownMetrics}`,
  )
}

function metricOf(name: string, place: string): ThresholdMetric {
  switch (name) {
    case 'avg':
    case 'min':
    case 'max':
    case 'errors':
    case 'rps':
    case 'drops':
    case 'checks':
      return { kind: name }
    case 'med':
    case 'median':
      return { kind: 'percentile', percent: 50 }
  }
  const percentile = /^p(?:(\d+(?:\.\d+)?)|\((\d+(?:\.\d+)?)\))$/.exec(name)
  if (percentile === null) {
    const hint = foreignMetrics[name] === undefined ? '' : `; ${foreignMetrics[name]}`
    throw new UsageError(
      'THRESHOLD',
      `${place}: there is no metric "${name}"${hint}. Metrics: ${knownMetrics}`,
    )
  }
  const percent = Number(percentile[1] ?? percentile[2])
  if (percent > 100) {
    const hint = name.startsWith('p99') ? `; for three nines write 'p99.9'` : ''
    throw new UsageError('THRESHOLD', `${place}: a percentile lies within p0..p100${hint}`)
  }
  return { kind: 'percentile', percent }
}

function limitOf(parts: Parts, metric: ThresholdMetric, place: string): number {
  const { limit } = parts
  switch (metric.kind) {
    case 'errors':
    case 'checks':
      return ratioOf(limit, metric.kind, place)
    case 'rps':
      return parseRatePerSecond(/^\d+(\.\d+)?$/.test(limit) ? Number(limit) : limit, place)
    case 'drops':
      return countOf(limit, place)
    default:
      // Only k6's own spelling carries k6's own unit.
      if (/^p\(/.test(parts.metric) && /^\d+(\.\d+)?$/.test(limit)) return Number(limit) * 1000
      return parseDurationUs(limit, place)
  }
}

function ratioOf(limit: string, metric: string, place: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(limit)
  const ratio = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (ratio >= 0 && ratio <= 1) return ratio
  const hint = match?.[2] === '' ? `; is it '${limit}%'?` : ''
  throw new UsageError(
    'THRESHOLD',
    `${place}: ${metric} is limited by 0% to 100%, or a ratio 0 to 1, not by "${limit}"${hint}`,
  )
}

function countOf(limit: string, place: string): number {
  if (/^\d+$/.test(limit)) return Number(limit)
  throw new UsageError('THRESHOLD', `${place}: drops are counted; "${limit}" is no whole number`)
}

function stretchUs(text: string, place: string): number {
  const us = parseDurationUs(text, place)
  if (us >= 1_000_000) return us
  throw new UsageError('THRESHOLD', `${place}: 'for' lasts at least 1s, windows being that long`)
}
