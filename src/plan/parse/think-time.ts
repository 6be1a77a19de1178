import { UsageError } from '../../base/index.ts'
import type { ThinkTime } from '../script/think-time.ts'
import type { ThinkTimePlan } from '../test-plan.ts'
import { readChoice, readDurationUs, readFields, readPositiveDurationUs } from './option-reader.ts'

const kinds = ['between', 'constant', 'pacing', 'exponential'] as const
const known = ['kind', 'min', 'max', 'time', 'period', 'mean']
const hint = `write between('1s', '3s'), constant('1s'), pacing('10s') or exponential('2s')`

/** Parses what `between` and its kin made; no think time is 'none'. */
export function parseThinkTime(written: unknown, where: string): ThinkTimePlan {
  if (written === undefined) return { kind: 'none' }
  if (typeof written !== 'object') {
    throw new UsageError(
      'THINK_TIME',
      `${where}: ${JSON.stringify(written)} is no think time; ${hint}`,
    )
  }
  const fields = readFields(written, where, known)
  const kind: ThinkTime['kind'] | undefined = readChoice(fields['kind'], `${where}.kind`, kinds)
  const timeUs = (key: string) => readDurationUs(fields[key] ?? null, `${where}.${key}`) ?? 0
  switch (kind) {
    case 'between':
      return between({ minUs: timeUs('min'), maxUs: timeUs('max') }, where)
    case 'constant':
      return { kind, timeUs: timeUs('time') }
    case 'pacing':
      return { kind, periodUs: aboveZero(fields['period'], `${where}.period`) }
    case 'exponential':
      return { kind, meanUs: aboveZero(fields['mean'], `${where}.mean`) }
    case undefined:
      throw new UsageError('THINK_TIME', `${where} has no kind; ${hint}`)
  }
}

function between(range: { minUs: number; maxUs: number }, where: string): ThinkTimePlan {
  if (range.minUs <= range.maxUs) return { kind: 'between', ...range }
  throw new UsageError(
    'THINK_TIME_ORDER',
    `${where}: between(min, max) has a min above its max; swap them`,
  )
}

const aboveZero = (written: unknown, where: string) =>
  readPositiveDurationUs(written ?? null, where) ?? 0
