import { exitCodes, type ExitCode } from '../../base/index.ts'
import {
  isShare,
  type MeasureComparison,
  type NameComparison,
  type RunUse,
} from '../../statistics/index.ts'
import type { ComparisonReport, RunOutline } from './comparison-report.ts'
import { loadsOf, nameOf } from './comparison-words.ts'

/** How a comparison ends a command; `strict` is the wish that "cannot tell" fails. */
export function comparisonExitCode({ verdict }: ComparisonReport, strict: boolean): ExitCode {
  if (verdict === 'regressed') return exitCodes.regression
  return verdict === 'inconclusive' && strict ? exitCodes.inconclusive : exitCodes.pass
}

/**
 * The public comparison, 'loadstone.comparison/1' (docs/comparison.schema.json). What could not be
 * computed is null. Latencies are in ms with three decimals, shares are 0..1.
 */
export function comparisonDocument(report: ComparisonReport, strict = false) {
  const { comparison, runToRun } = report
  const loads = loadsOf(comparison)
  const { p50, p95, p99 } = runToRun.runToRun
  return {
    schema: 'loadstone.comparison/1',
    verdict: report.verdict,
    because: report.because,
    base: sideDocument(report.base, comparison.base),
    candidate: sideDocument(report.candidate, comparison.candidate),
    loads: { ...loads, ratio: rounded(loads.ratio) },
    runToRun: {
      pairs: runToRun.pairs,
      p50: rounded(p50.deviation),
      p95: rounded(p95.deviation),
      p99: rounded(p99.deviation),
    },
    overall: nameDocument(comparison.overall),
    names: comparison.names.map(nameDocument),
    onlyInBase: comparison.onlyInBase,
    onlyInCandidate: comparison.onlyInCandidate,
    notes: report.notes,
    tests: comparison.tests,
    exitCode: comparisonExitCode(report, strict),
  }
}

/** `comparisonDocument` as text, indented by two, with a line break at the end. */
export function comparisonJson(report: ComparisonReport, strict: boolean): string {
  return `${JSON.stringify(comparisonDocument(report, strict), null, 2)}\n`
}

function sideDocument(run: RunOutline, [use]: readonly RunUse[]) {
  return {
    id: run.id,
    script: run.script,
    startedAt: new Date(run.startedAtUnixMs).toISOString(),
    durationMs: run.durationUs / 1000,
    model: run.model,
    endState: run.endState,
    tags: run.tags,
    host: run.host ?? null,
    commit: run.commit ?? null,
    loadstoneVersion: run.loadstoneVersion,
    valid: run.invalidReasons.length === 0,
    warmUpSeconds: use?.warmUpSeconds ?? 0,
    steadySeconds: use?.steadySeconds ?? 0,
    steadiness: use?.steadiness.kind ?? null,
    requests: use?.requests ?? 0,
    requestsPerSecond: rounded(use?.requestsPerSecond),
  }
}

function nameDocument({ name, measures, shift }: NameComparison) {
  return {
    name: nameOf(name),
    measures: measures.map(measureDocument),
    deciles: shift.map(one => ({
      percent: one.percent,
      baseMs: ms(one.baseUs),
      candidateMs: ms(one.candidateUs),
      ratio: rounded(one.ratio),
      low: rounded(one.low),
      high: rounded(one.high),
    })),
  }
}

function measureDocument(row: MeasureComparison) {
  const share = isShare(row.measure)
  const shown = share ? rounded : ms
  const { effect } = row
  return {
    measure: row.measure,
    unit: share ? 'ratio' : 'ms',
    base: shown(row.base),
    candidate: shown(row.candidate),
    effect:
      effect === undefined
        ? null
        : {
            kind: share ? 'difference' : 'ratio',
            value: rounded(effect.value),
            low: rounded(effect.low),
            high: rounded(effect.high),
          },
    tolerance: row.tolerance,
    p: rounded(row.p),
    q: rounded(row.q),
    equivalenceP: rounded(row.equivalenceP),
    equivalenceQ: rounded(row.equivalenceQ),
    verdict: row.verdict,
    reason: row.reason ?? null,
    note: row.note ?? null,
    stretches: row.stretches,
  }
}

const ms = (us: number) => (Number.isFinite(us) ? Math.round(us) / 1000 : null)

/** Six decimals; null for what is no number. */
function rounded(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null
  return Math.round(value * 1e6) / 1e6
}
