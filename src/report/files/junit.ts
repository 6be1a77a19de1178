import type { CheckSummary, RunSummary, ThresholdResult } from '../../metrics/index.ts'
import { formatCount, formatMeasured, formatRatio, ratioOf } from '../figures.ts'
import { element } from './xml.ts'

interface Case {
  readonly xml: string
  readonly failed: boolean
}

/**
 * JUnit XML for CI: a suite for the plan with a case for each threshold and one for the run's
 * validity, and a suite for each scenario with a case for each check and one for script errors, if
 * there were any. A check fails when it failed once, whatever the exit code says: limit the share
 * with a threshold on `checks`.
 */
export function junitXml(summary: RunSummary): string {
  const { run, scenarios, checks, scriptErrors } = summary
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
  ]
  const all = suites.flatMap(suite => suite.cases)
  const root = element(
    'testsuites',
    { name: 'loadstone', ...counts(all), time: seconds(run) },
    suites.map(({ name, cases }) =>
      element(
        'testsuite',
        {
          name,
          ...counts(cases),
          time: seconds(run),
          timestamp: new Date(run.startedAtUnixMs).toISOString(),
        },
        cases.map(({ xml }) => xml),
      ),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

/** To the millisecond, as JUnit's time is written. */
function seconds({ durationUs }: RunSummary['run']): number {
  return Math.round(durationUs / 1e3) / 1e3
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

function caseOf(one: { suite: string; name: string; failure: string | undefined }): Case {
  const failure =
    one.failure === undefined ? [] : [element('failure', { message: one.failure }, [])]
  const xml = element('testcase', { classname: one.suite, name: one.name, time: 0 }, failure)
  return { xml, failed: one.failure !== undefined }
}

function counts(cases: readonly Case[]) {
  const failures = cases.filter(({ failed }) => failed).length
  return { tests: cases.length, failures, errors: 0, skipped: 0 }
}
