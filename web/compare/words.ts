import { formatRatio } from '../../src/report/index.ts'
import { isShare, type MeasureComparison, type Verdict } from '../../src/statistics/index.ts'
import { nothing, shownUs } from '../data/shown.ts'

export const signs: Readonly<Record<Verdict, string>> = {
  regressed: '✕',
  improved: '✓',
  equivalent: '=',
  inconclusive: '?',
}

export const tones = {
  regressed: 'bad',
  improved: 'good',
  equivalent: 'even',
  inconclusive: 'warn',
} as const satisfies Record<Verdict, string>

type MeasureName = MeasureComparison['measure']

/** JSON has no NaN: what was not measured comes as null. */
export function valueText(measure: MeasureName, value: number | null): string {
  if (value === null || Number.isNaN(value)) return nothing
  return isShare(measure) ? formatRatio(value) : shownUs(value)
}
