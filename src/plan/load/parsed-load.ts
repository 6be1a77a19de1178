import { UsageError } from '../../base/index.ts'
import { kindOf } from '../bundle/script-functions.ts'
import {
  readCount,
  readDurationUs,
  readFields,
  readFlag,
  readPositiveDurationUs,
  readRatePerSecond,
} from '../parse/option-reader.ts'

/** A load with every text parsed, before the command line changes it. */
export type ParsedLoad = ParsedUsers | ParsedRate | ParsedStages | ParsedIterations

export interface ParsedUsers {
  readonly kind: 'users'
  readonly users: number
  readonly rampUpUs: number
  readonly durationUs: number
}

export interface ParsedRate extends OpenLimits {
  readonly kind: 'rate'
  readonly startsPerSecond: number
  readonly rampUpUs: number
  readonly durationUs: number
}

export interface ParsedStages extends OpenLimits {
  readonly kind: 'stages'
  readonly by: 'users' | 'rate'
  readonly stages: readonly ParsedStage[]
}

export interface ParsedStage {
  /** Users, or starts per second. */
  readonly level: number
  readonly durationUs: number
  /** true: goes to the level over the duration; false: jumps to it and holds. */
  readonly ramps: boolean
}

export interface ParsedIterations {
  readonly kind: 'iterations'
  readonly iterations: number
  readonly users: number
  readonly maxDurationUs: number
}

/** What only the open model has. */
export interface OpenLimits {
  readonly poisson: boolean
  readonly maxUsers: number
}

export const defaultMaxUsers = 10_000
export const defaultMaxDurationUs = 600_000_000

/** A script without a load runs once: one user, one iteration. Good for a first try, harmless. */
export const defaultLoad: ParsedIterations = {
  kind: 'iterations',
  iterations: 1,
  users: 1,
  maxDurationUs: defaultMaxDurationUs,
}

/** Reads a scenario's `load`. `where` is the place for messages: 'scenario "x": load'. */
export function parseLoad(load: unknown, where: string): ParsedLoad {
  if (typeof load !== 'object' || load === null || Array.isArray(load)) {
    throw new UsageError('LOAD', `${where} is ${kindOf(load)}; ${loadForms}`)
  }
  if ('stages' in load) return parseStages(load, where)
  if ('rate' in load) return parseRate(load, where)
  if ('iterations' in load) return parseIterations(load, where)
  if ('users' in load) return parseUsers(load, where)
  throw new UsageError('LOAD', `${where} says neither users nor rate; ${loadForms}`)
}

const loadForms =
  `write { users: 20, duration: '1m' }, { rate: '50/s', duration: '1m' }, ` +
  `{ stages: [...] } or { iterations: 100, users: 5 }`

function parseUsers(load: object, where: string): ParsedUsers {
  const fields = readFields(load, where, ['users', 'rampUp', 'duration'])
  return {
    kind: 'users',
    users: needed(readCount(fields['users'], `${where}.users`, 1), `${where}.users`, '20'),
    ...lengthOf(fields, where),
  }
}

function parseRate(load: object, where: string): ParsedRate {
  const known = ['rate', 'duration', 'rampUp', 'poisson', 'maxUsers']
  const fields = readFields(load, where, known)
  return {
    kind: 'rate',
    startsPerSecond: positiveRate(fields['rate'], `${where}.rate`),
    ...lengthOf(fields, where),
    ...openLimits(fields, where),
  }
}

function lengthOf(
  fields: Readonly<Record<string, unknown>>,
  where: string,
): { durationUs: number; rampUpUs: number } {
  const at = `${where}.duration`
  const durationUs = needed(readPositiveDurationUs(fields['duration'], at), at, `'1m'`)
  const rampUpUs = readDurationUs(fields['rampUp'], `${where}.rampUp`) ?? 0
  if (rampUpUs <= durationUs) return { durationUs, rampUpUs }
  throw new UsageError(
    'RAMP_TOO_LONG',
    `${where}: rampUp (${String(fields['rampUp'])}) is longer than duration ` +
      `(${String(fields['duration'])}), which includes it; make duration longer`,
  )
}

function parseStages(load: object, where: string): ParsedStages {
  const fields = readFields(load, where, ['stages', 'poisson', 'maxUsers'])
  const written = fields['stages']
  if (!Array.isArray(written) || written.length === 0) {
    const seen = Array.isArray(written) ? 'an empty list' : kindOf(written)
    throw new UsageError('STAGES', `${where}.stages is ${seen}; ${stageForm}`)
  }
  const stages = written.map((stage: unknown, index) =>
    parseStage(stage, `${where}.stages[${index}]`),
  )
  const by = stages[0]?.by ?? 'users'
  const stray = stages.findIndex(stage => stage.by !== by)
  if (stray >= 0) {
    throw new UsageError(
      'STAGES_MIXED',
      `${where}.stages[${stray}] is not by ${by} as the first one; ` +
        `use one of users and rate throughout`,
    )
  }
  if (by === 'users' && ('poisson' in load || 'maxUsers' in load)) {
    throw new UsageError('STAGES', `${where}: poisson and maxUsers belong to stages by rate`)
  }
  return checkedStages({ kind: 'stages', by, stages, ...openLimits(fields, where) }, where)
}

/** Refuses stages that start nothing or last no time. */
export function checkedStages(load: ParsedStages, where: string): ParsedStages {
  if (load.stages.every(stage => stage.level === 0)) {
    throw new UsageError('STAGES_ZERO', `${where}: every stage is at 0, so nothing would start`)
  }
  if (load.stages.every(stage => stage.durationUs === 0)) {
    throw new UsageError('STAGES_ZERO', `${where}: the stages last 0 s in all; ${stageForm}`)
  }
  return load
}

const stageForm = `write e.g. [{ users: 50, over: '30s' }, { users: 50, for: '2m' }]`

function parseStage(stage: unknown, where: string): ParsedStage & { by: 'users' | 'rate' } {
  const fields = readFields(stage, where, ['users', 'rate', 'over', 'for'])
  const by = 'rate' in fields ? 'rate' : 'users'
  if (by === 'rate' && 'users' in fields) {
    throw new UsageError('STAGES', `${where} has both users and rate; keep one`)
  }
  if ('over' in fields === 'for' in fields) {
    const seen = 'over' in fields ? 'both over and for' : 'neither over nor for'
    throw new UsageError('STAGES', `${where} has ${seen}; ${stageForm}`)
  }
  const ramps = 'over' in fields
  const timeAt = `${where}.${ramps ? 'over' : 'for'}`
  const durationUs = readDurationUs(fields[ramps ? 'over' : 'for'], timeAt)
  const levelAt = `${where}.${by}`
  const level =
    by === 'rate' ? readRatePerSecond(fields[by], levelAt) : readCount(fields[by], levelAt, 0)
  return {
    by,
    ramps,
    level: needed(level, levelAt, '50'),
    durationUs: needed(durationUs, timeAt, `'30s'`),
  }
}

function parseIterations(load: object, where: string): ParsedIterations {
  const fields = readFields(load, where, ['iterations', 'users', 'maxDuration'])
  const at = (key: string) => `${where}.${key}`
  return {
    kind: 'iterations',
    iterations: needed(
      readCount(fields['iterations'], at('iterations'), 1),
      at('iterations'),
      '100',
    ),
    users: needed(readCount(fields['users'], at('users'), 1), at('users'), '5'),
    maxDurationUs:
      readPositiveDurationUs(fields['maxDuration'], at('maxDuration')) ?? defaultMaxDurationUs,
  }
}

function openLimits(fields: Readonly<Record<string, unknown>>, where: string): OpenLimits {
  return {
    poisson: readFlag(fields['poisson'], `${where}.poisson`) ?? false,
    maxUsers: readCount(fields['maxUsers'], `${where}.maxUsers`, 1) ?? defaultMaxUsers,
  }
}

/** Starts per second above 0. */
export function positiveRate(value: unknown, where: string): number {
  const startsPerSecond = needed(readRatePerSecond(value, where), where, `'50/s'`)
  if (startsPerSecond > 0) return startsPerSecond
  throw new UsageError('RATE_ZERO', `${where} is 0, so nothing would start; write e.g. '50/s'`)
}

function needed<T>(value: T | undefined, where: string, example: string): T {
  if (value !== undefined) return value
  const key = where.slice(where.lastIndexOf('.') + 1)
  throw new UsageError('OPTION_MISSING', `${where} is missing; write e.g. ${key}: ${example}`)
}
