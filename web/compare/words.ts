import { formatRatio } from '../../src/report/index.ts'
import type { MeasureComparison, Verdict } from '../../src/statistics/index.ts'
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

const isShare = (measure: MeasureName): boolean => measure === 'errors' || measure === 'drops'

/** 'p95', 'failed', 'dropped'. */
export const measureWord = (measure: MeasureName): string =>
  measure === 'errors' ? 'failed' : measure === 'drops' ? 'dropped' : measure

/** JSON has no NaN: what was not measured comes as null. */
export function valueText(measure: MeasureName, value: number | null): string {
  if (value === null || Number.isNaN(value)) return nothing
  return isShare(measure) ? formatRatio(value) : shownUs(value)
}

/** '+4.2 %', '−0.31 points'. */
export function changeText(measure: MeasureName, value: number | null): string {
  if (value === null || Number.isNaN(value)) return nothing
  const percent = (isShare(measure) ? value : value - 1) * 100
  const digits = Math.abs(percent) < 10 ? Number(percent.toPrecision(2)) : Math.round(percent)
  const sign = digits > 0 ? '+' : digits < 0 ? '−' : ''
  return `${sign}${Math.abs(digits)} ${isShare(measure) ? 'points' : '%'}`
}

/** '+1.1 % to +7.4 %'; '' when it was not tested. */
export function intervalText({ measure, effect }: MeasureComparison): string {
  if (!effect) return ''
  return `${changeText(measure, effect.low)} to ${changeText(measure, effect.high)}`
}
