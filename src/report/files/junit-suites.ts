import { element } from './xml.ts'

export interface Case {
  readonly xml: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
}

export interface Suite {
  readonly name: string
  readonly cases: readonly Case[]
}

export interface JunitRun {
  readonly startedAtUnixMs: number
  readonly durationUs: number
}

/** The whole document; every suite has the run's time. */
export function junitDocument(suites: readonly Suite[], run: JunitRun): string {
  const time = Math.round(run.durationUs / 1e3) / 1e3
  const timestamp = new Date(run.startedAtUnixMs).toISOString()
  const root = element(
    'testsuites',
    { name: 'loadstone', ...counts(suites.flatMap(suite => suite.cases)), time },
    suites.map(({ name, cases }) =>
      element(
        'testsuite',
        { name, ...counts(cases), time, timestamp },
        cases.map(({ xml }) => xml),
      ),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

/** One test case. A failure counts more than the reason why it was skipped. */
export function caseOf(one: {
  readonly suite: string
  readonly name: string
  readonly failure: string | undefined
  readonly skipped?: string | undefined
}): Case {
  const { suite, name, failure, skipped } = one
  const outcome = failure !== undefined ? 'failed' : skipped !== undefined ? 'skipped' : 'passed'
  const inner = {
    failed: () => [element('failure', { message: failure }, [])],
    skipped: () => [element('skipped', { message: skipped }, [])],
    passed: () => [],
  }[outcome]()
  return { xml: element('testcase', { classname: suite, name, time: 0 }, inner), outcome }
}

function counts(cases: readonly Case[]) {
  const of = (outcome: Case['outcome']) => cases.filter(one => one.outcome === outcome).length
  return { tests: cases.length, failures: of('failed'), errors: 0, skipped: of('skipped') }
}
