import type { Histogram, KeptSample, Timings } from '../../metrics/index.ts'
import { isLatency, type RunSummary, type SeriesSummary } from '../../metrics/index.ts'
import { comparisonDocument } from '../comparison/comparison-json.ts'
import type { ComparisonReport } from '../comparison/comparison-report.ts'
import {
  countOf,
  endOf,
  latencyOf,
  percentiles,
  perSecond,
  ratioOf,
  requestsOf,
  serviceTimeOf,
} from '../figures.ts'

/**
 * The public summary, 'loadstone.summary/1' (docs/summary.schema.json). What was not measured is
 * null, never 0. Times end in Ms and have three decimals.
 */
export function summaryDocument(summary: RunSummary, comparison?: ComparisonReport) {
  const { totals, scenarios } = summary
  const strict = summary.baseline?.strict ?? false
  const ofKind = (kind: SeriesSummary['kind']) =>
    summary.series
      .filter(series => series.kind === kind)
      .map(series => seriesDocument(series, totals.measuredSeconds))
  return {
    schema: 'loadstone.summary/1',
    run: runDocument(summary),
    totals: totalsDocument(summary),
    requests: requestsOf(summary).map(series => {
      const { errors, ...figures } = seriesDocument(series, totals.measuredSeconds)
      const { statuses, bytesIn, bytesOut, retries } = series
      return { ...figures, statuses, errors, bytesIn, bytesOut, retries }
    }),
    steps: ofKind('step'),
    polls: ofKind('poll'),
    checks: summary.checks,
    scenarios: scenarios.map(({ startDelay, ...scenario }) => ({
      ...scenario,
      startDelayMs: delayDocument(startDelay),
    })),
    thresholds: summary.thresholds.map(thresholdDocument),
    validity: validityDocument(summary),
    keptSamples: summary.kept.map(keptDocument),
    scriptErrors: summary.scriptErrors,
    foldedNames: summary.foldedNames,
    warnings: summary.warnings,
    findings: [],
    comparison: comparison === undefined ? null : comparisonDocument(comparison, strict),
    exitCode: endOf(summary).code,
  }
}

/** `summaryDocument` as text, indented by two, with a line break at the end. */
export function summaryJson(summary: RunSummary, comparison?: ComparisonReport): string {
  return `${JSON.stringify(summaryDocument(summary, comparison), null, 2)}\n`
}

function runDocument({ run }: RunSummary) {
  return {
    id: run.id,
    script: run.script,
    startedAt: new Date(run.startedAtUnixMs).toISOString(),
    durationMs: ms(run.durationUs),
    warmUpMs: ms(run.warmUpUs),
    endState: run.endState,
    endReason: run.endReason ?? null,
    model: run.model,
    workers: run.workers,
    seed: run.seed,
    tags: run.tags,
    loadstoneVersion: run.loadstoneVersion,
  }
}

function totalsDocument({ totals }: RunSummary) {
  const { requests, failures, measuredSeconds, iterations, drops, bytesIn, bytesOut } = totals
  return {
    requests,
    failures,
    errorRatio: rounded(ratioOf(failures, requests), 6),
    requestsPerSecond: rounded(perSecond(requests, measuredSeconds), 3),
    measuredMs: ms(measuredSeconds * 1_000_000),
    iterations,
    drops,
    bytesIn,
    bytesOut,
  }
}

function seriesDocument(series: SeriesSummary, measuredSeconds: number) {
  const count = countOf(series)
  return {
    scenario: series.scenario,
    name: series.name,
    count,
    failures: series.failed.count,
    requestsPerSecond: rounded(perSecond(count, measuredSeconds), 3),
    latencyMs: timesDocument(latencyOf(series)),
    serviceTimeMs: timesDocument(serviceTimeOf(series)),
    errors: series.failures.map(failure => ({
      reason: failure.reason,
      count: failure.count,
      firstAtMs: ms(failure.firstAtUs),
      lastAtMs: ms(failure.lastAtUs),
    })),
  }
}

function timesDocument(histogram: Histogram) {
  const atPercentiles = percentiles.map(percent => [
    `p${percent}`,
    ms(histogram.percentileUs(percent)),
  ])
  return {
    min: ms(histogram.minUs),
    mean: ms(histogram.meanUs),
    max: ms(histogram.maxUs),
    ...(Object.fromEntries(atPercentiles) as Record<string, number | null>),
  }
}

function thresholdDocument({ threshold, ok, measured, ...rest }: RunSummary['thresholds'][number]) {
  const { metric, limit } = threshold
  const latency = isLatency(metric)
  const shown = (value: number | undefined) => (latency ? ms(value ?? NaN) : rounded(value, 6))
  const unit = { errors: 'ratio', checks: 'ratio', rps: 'perSecond', drops: 'count' } as const
  return {
    expression: threshold.expression,
    ok,
    measured: shown(measured),
    limit: shown(limit),
    unit: metric.kind in unit ? unit[metric.kind as keyof typeof unit] : 'ms',
    brokenAtMs: rest.brokenAtUs === undefined ? null : ms(rest.brokenAtUs),
    note: rest.note ?? null,
  }
}

function validityDocument({ validity }: RunSummary) {
  const cpuRatios = validity.workers.map(({ cpuRatio }) => cpuRatio)
  return {
    valid: validity.valid,
    reasons: validity.reasons,
    startDelayMs: delayDocument(validity.startDelay),
    eventLoopDelayMs: delayDocument(validity.eventLoopDelay),
    eventLoopUtilization: rounded(validity.eventLoopUtilization, 4),
    cpu: cpuRatios.length === 0 ? null : rounded(Math.max(...cpuRatios), 4),
    workers: validity.workers.map(worker => ({
      worker: worker.worker,
      cpu: rounded(worker.cpuRatio, 4),
      eventLoopUtilization: rounded(worker.eventLoopUtilization, 4),
      memoryBytes: worker.memoryBytes,
    })),
    keptDropped: validity.keptDropped,
  }
}

/** A slow or failed exchange, kept whole: the trace id leads to its spans. */
function keptDocument(sample: KeptSample) {
  const { kind, scenario, name, why, worker, userId, iteration, timings } = sample
  return {
    ...{ kind, scenario, name, why, worker, userId, iteration },
    intendedAtMs: ms(sample.intendedAtUs),
    startedAtMs: ms(sample.startedAtUs),
    endedAtMs: ms(sample.endedAtUs),
    latencyMs: ms(sample.endedAtUs - sample.intendedAtUs),
    status: sample.status,
    failure: sample.failure ?? null,
    traceId: sample.traceId === '' ? null : sample.traceId,
    timings: timings === undefined ? null : timingsDocument(timings),
  }
}

function timingsDocument(timings: Timings) {
  return {
    dnsMs: ms(timings.dnsUs),
    connectMs: ms(timings.connectUs),
    tlsMs: ms(timings.tlsUs),
    firstByteMs: ms(timings.firstByteUs),
    downloadMs: ms(timings.downloadUs),
    connectionReused: timings.connectionReused,
  }
}

function delayDocument(histogram: Histogram) {
  return {
    p50: ms(histogram.percentileUs(50)),
    p99: ms(histogram.percentileUs(99)),
    max: ms(histogram.maxUs),
  }
}

/** ms with the resolution of a µs; null for NaN. */
function ms(us: number): number | null {
  return Number.isNaN(us) ? null : Math.round(us) / 1000
}

function rounded(value: number | undefined, decimals: number): number | null {
  return value === undefined || Number.isNaN(value) ? null : Number(value.toFixed(decimals))
}
