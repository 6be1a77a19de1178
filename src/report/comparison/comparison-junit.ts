import { caseOf, junitDocument, type Case, type Suite } from '../files/junit-suites.ts'
import { measuresOf, type ComparisonReport } from './comparison-report.ts'
import { changeWords, intervalText, measureOf, nameOf } from './comparison-words.ts'

/**
 * A case for each measure of each name: it fails when that regressed and is skipped when it cannot
 * be told. One more case for the comparison as a whole, which fails for a strict reader when it
 * cannot be told.
 */
export function comparisonSuite(report: ComparisonReport, strict: boolean): Suite {
  const suite = 'comparison'
  const { comparison, verdict, because } = report
  const cases = measuresOf(comparison).map((one): Case => {
    const { name, row } = one
    const words = row.reason?.words ?? 'no verdict'
    return caseOf({
      suite,
      name: `${nameOf(name)}: ${measureOf(row.measure)}`,
      failure:
        row.verdict === 'regressed' && verdict !== 'inconclusive'
          ? `${changeWords(one)}, 95 % interval ${intervalText(row)}`
          : undefined,
      skipped: row.verdict === 'inconclusive' ? words : undefined,
    })
  })
  const unclear = verdict === 'inconclusive' ? because : undefined
  const whole = caseOf({
    suite,
    name: `compared with run ${report.base.id}`,
    failure: verdict === 'regressed' ? because : strict ? unclear : undefined,
    skipped: unclear,
  })
  return { name: suite, cases: [whole, ...cases] }
}

/** A comparison alone as JUnit XML, dated by the candidate. */
export function comparisonJunit(report: ComparisonReport, strict: boolean): string {
  return junitDocument([comparisonSuite(report, strict)], report.candidate)
}
