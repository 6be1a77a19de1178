import type { CheckSummary, RunSummary, ThresholdResult } from '../../metrics/index.ts'
import { formatCount, formatMeasured, formatRatio, ratioOf } from '../figures.ts'
import { comparisonSuite } from '../comparison/comparison-junit.ts'
import type { ComparisonReport } from '../comparison/comparison-report.ts'
import { caseOf, junitDocument, type Case } from './junit-suites.ts'

/**
 * JUnit XML for CI: a suite for the plan with a case for each threshold and one for the run's
 * validity, and a suite for each scenario with a case for each check and one for script errors, if
 * there were any. A check fails when it failed once, whatever the exit code says: limit the share
 * with a threshold on `checks`. With a comparison, a suite with a case for each of its measures.
 */
export function junitXml(summary: RunSummary, comparison?: ComparisonReport): string {
  const { run, scenarios, checks, scriptErrors, baseline } = summary
  const strict = baseline?.strict ?? false
  const suites = [
    { name: `plan ${run.script}`, cases: planCases(summary) },
    ...scenarios.map(({ scenario }) => ({
      name: scenario,
      cases: [
        ...checks.filter(check => check.scenario === scenario).map(checkCase),
        ...scriptErrors
          .filter(error => error.scenario === scenario)
          .map(({ message, count }) =>
            caseOf({
              suite: scenario,
              name: 'script',
              failure: `thrown ${count} times: ${message}`,
            }),
          ),
      ],
    })),
    ...(comparison === undefined ? [] : [comparisonSuite(comparison, strict)]),
  ]
  return junitDocument(suites, run)
}

function planCases({ thresholds, validity }: RunSummary): Case[] {
  const failure = validity.valid ? undefined : validity.reasons.join('\n')
  return [
    ...thresholds.map(thresholdCase),
    caseOf({ suite: 'plan', name: 'the run is valid', failure }),
  ]
}

function thresholdCase({ threshold, ok, measured, note }: ThresholdResult): Case {
  const shown = (value: number | undefined) => formatMeasured(threshold, value)
  const limit = `${threshold.operator} ${shown(threshold.limit)}`
  const more = note === undefined ? '' : `; ${note}`
  const failure = ok ? undefined : `measured ${shown(measured)}, limit ${limit}${more}`
  return caseOf({ suite: 'plan', name: threshold.expression, failure })
}

function checkCase({ scenario, name, check, passed, failed, firstReason }: CheckSummary): Case {
  const total = passed + failed
  const failure =
    failed === 0
      ? undefined
      : `${formatCount(failed)} of ${formatCount(total)} failed ` +
        `(${formatRatio(ratioOf(failed, total))}); first: ${firstReason}`
  return caseOf({ suite: scenario, name: `${name}: ${check}`, failure })
}
