import { falseDiscoveryRates } from '../intervals/false-discovery.ts'
import {
  isShare,
  type ComparisonSettings,
  type Loads,
  type MeasureComparison,
  type Reason,
  type Verdict,
} from './comparison.ts'
import type { TestedMeasure } from './stretch-plan.ts'

/** Confidence of the equivalence test: 1 - 0.95. */
const equivalenceLevel = 0.05

interface Context {
  readonly loads: Loads
  readonly settings: ComparisonSettings
}

/**
 * Judges all measures of all names together, in the order given. Differences and equivalences are
 * two families; within each the share of false ones is held down by Benjamini-Hochberg.
 *
 * Regressed or improved: q below the allowed rate, and the difference found is at least the
 * tolerance. Equivalent: the difference is surely within the tolerance. If the loads differ, only
 * a difference that the load cannot explain stands: slower under less, better under more.
 */
export function judgeAll(rows: readonly TestedMeasure[], context: Context): MeasureComparison[] {
  const tests = rows.flatMap(row => (row.tested === undefined ? [] : [row.tested]))
  const ofTests = (pValues: readonly number[]) => {
    const qValues = falseDiscoveryRates(pValues)
    return new Map(tests.map((tested, i) => [tested, qValues[i]]))
  }
  const differences = ofTests(tests.map(tested => tested.p))
  const equivalences = ofTests(tests.map(tested => tested.equivalenceP))
  return rows.map(row => {
    const { tested } = row
    if (tested === undefined) return inconclusive(row, row.reason!)
    const q = differences.get(tested)!
    const equivalenceQ = equivalences.get(tested)!
    return judge({ ...row, tested }, { ...context, q, equivalenceQ })
  })
}

type Tested = TestedMeasure & { readonly tested: NonNullable<TestedMeasure['tested']> }
type Judging = Context & { readonly q: number; readonly equivalenceQ: number }

function judge(row: Tested, judging: Judging): MeasureComparison {
  const { tested } = row
  const facts = {
    ...inconclusive(row, row.reason ?? doubtOf(row, judging)),
    effect: tested.effect,
    p: tested.p,
    q: judging.q,
    equivalenceP: tested.equivalenceP,
    equivalenceQ: judging.equivalenceQ,
  }
  const verdict = verdictOf(row, judging)
  if (verdict === 'inconclusive') return facts
  const { loads } = judging
  if (loads.matched || row.measure === 'drops') return { ...facts, verdict, reason: undefined }
  const against = verdict === 'regressed' ? loads.ratio < 1 : loads.ratio > 1
  if (verdict === 'equivalent' || !against) {
    return { ...facts, reason: { code: 'loads differ', words: loads.words } }
  }
  return { ...facts, verdict, reason: undefined, note: `although ${loads.words}` }
}

function verdictOf({ tested, measure, tolerance }: Tested, judging: Judging): Verdict {
  const { value } = tested.effect
  const size = isShare(measure) ? Math.abs(value) : Math.exp(Math.abs(Math.log(value))) - 1
  if (judging.q < judging.settings.falseDiscoveryRate && size >= tolerance) {
    return value > (isShare(measure) ? 0 : 1) ? 'regressed' : 'improved'
  }
  return judging.equivalenceQ < equivalenceLevel ? 'equivalent' : 'inconclusive'
}

const inconclusive = (row: TestedMeasure, reason: Reason): MeasureComparison => ({
  measure: row.measure,
  base: row.base,
  candidate: row.candidate,
  effect: undefined,
  tolerance: row.tolerance,
  p: undefined,
  q: undefined,
  equivalenceP: undefined,
  equivalenceQ: undefined,
  verdict: 'inconclusive',
  reason,
  note: undefined,
  stretches: row.stretches,
})

function doubtOf({ tested, measure, tolerance }: Tested, { q, settings }: Judging): Reason {
  const share = isShare(measure)
  const text = (value: number) =>
    share ? `${signed(value * 100)} pp` : `${signed((value - 1) * 100)} %`
  const { low, high } = tested.effect
  const range = `the difference lies between ${text(low)} and ${text(high)}`
  const limit = share ? `${tolerance * 100} pp` : `${tolerance * 100} %`
  const help =
    tested.runShare > 0.5
      ? 'mostly because runs of the same thing differ: more runs of each would tell'
      : 'longer runs would tell'
  if (q < settings.falseDiscoveryRate) {
    const words = `${range}: surely one, but perhaps within the tolerance of ${limit}; ${help}`
    return { code: 'too uncertain', words }
  }
  const excludesNone = share ? low > 0 || high < 0 : low > 1 || high < 1
  if (excludesNone) {
    const words = `${range}, but among so many comparisons this may be chance; ${help}`
    return { code: 'may be chance', words }
  }
  return { code: 'too uncertain', words: `${range}, the tolerance is ${limit}; ${help}` }
}

/** Two digits with a sign: '+4.2', '-0.31', '0'. */
function signed(value: number): string {
  const text = String(Number(value.toPrecision(2)))
  return value > 0 ? `+${text}` : text
}
