import { compareRuns, isShare, type RunComparison } from '../../statistics/index.ts'
import { formatCount, printable } from '../figures.ts'
import {
  measuresOf,
  type ComparisonReport,
  type NamedMeasure,
  type RunOutline,
} from './comparison-report.ts'
import { changeWords, loadsOf, openQuestions, someOf } from './comparison-words.ts'
import { runToRunOf, type RunToRunFacts } from './history.ts'
import { comparedRunOf, type RecordedRun } from './recorded-run.ts'

/** Compares two recorded runs and says what came of it. Same input, same report. */
export function compareRecorded(
  base: RecordedRun,
  candidate: RecordedRun,
  runToRun: RunToRunFacts = runToRunOf([]),
): ComparisonReport {
  const comparison = compareRuns(
    { base: [comparedRunOf(base, candidate)], candidate: [comparedRunOf(candidate, base)] },
    { runToRun: runToRun.runToRun },
  )
  const unfit = [...unfitness('base', base), ...unfitness('candidate', candidate)]
  const verdict = unfit.length > 0 ? 'inconclusive' : comparison.verdict
  return {
    base: outlineOf(base),
    candidate: outlineOf(candidate),
    comparison,
    verdict,
    because: unfit[0] ?? becauseOf(comparison),
    notes: [...unfit.slice(1), ...notesOf(base, candidate), ...namesOf(comparison)],
    runToRun,
  }
}

function outlineOf({ seconds: _, ...outline }: RecordedRun): RunOutline {
  return outline
}

function unfitness(side: string, { invalidReasons, endState }: RecordedRun): string[] {
  const [reason] = invalidReasons
  // The reason's own advice is long; the run's summary has it.
  if (reason !== undefined) return [`the ${side} is not valid: ${firstSentence(reason)}`]
  return endState === 'running' ? [`the ${side} is still running`] : []
}

const firstSentence = (text: string) => text.replace(/[.]\s[\s\S]*$|[.]$/, '')

function becauseOf(comparison: RunComparison): string {
  const { verdict } = comparison
  if (verdict === 'regressed' || verdict === 'improved') {
    const [first, ...others] = byWeight(measuresOf(comparison, verdict))
    const more = others.length === 0 ? '' : `, and ${formatCount(others.length)} more`
    return `${changeWords(first!)}${more}`
  }
  if (verdict === 'equivalent') return 'all exchanges together differ by less than the tolerances'
  const loads = loadsOf(comparison)
  if (!loads.matched) return loads.words
  const { name, measures } = comparison.overall
  const [first] = openQuestions(measures.map(row => ({ name, row })))
  return first === undefined ? 'no verdict' : `${first.about}: ${first.words}`
}

/** What changed most comes first: latency by its ratio, then shares. */
function byWeight(rows: NamedMeasure[]): NamedMeasure[] {
  const weight = ({ row: { measure, effect } }: NamedMeasure) => {
    if (effect === undefined) return 0
    return isShare(measure) ? Math.abs(effect.value) * 100 : Math.abs(Math.log(effect.value))
  }
  return rows.toSorted((a, b) => weight(b) - weight(a))
}

function notesOf(base: RecordedRun, candidate: RecordedRun): string[] {
  const notes: string[] = []
  const differ = (what: string, from: string | undefined, to: string | undefined) => {
    if (from === undefined || to === undefined || from === to) return
    notes.push(`${what}: ${printable(from)} and ${printable(to)}.`)
  }
  differ('The scripts differ', base.script, candidate.script)
  differ('The loads are of different kinds', base.model, candidate.model)
  differ('Different machines made the load', base.host, candidate.host)
  differ('The Loadstone versions differ', base.loadstoneVersion, candidate.loadstoneVersion)
  for (const [side, run] of [
    ['base', base],
    ['candidate', candidate],
  ] as const) {
    if (run.endState !== 'aborted' && run.endState !== 'crashed') continue
    notes.push(
      `The ${side} did not end as planned (${run.endState}); what it measured is compared.`,
    )
  }
  return notes
}

const namesMax = 10

function namesOf({ onlyInBase, onlyInCandidate }: RunComparison): string[] {
  const list = (side: string, names: readonly string[]) => {
    if (names.length === 0) return []
    return [`Only in the ${side}: ${someOf(names.map(printable), namesMax)}.`]
  }
  return [...list('base', onlyInBase), ...list('candidate', onlyInCandidate)]
}
