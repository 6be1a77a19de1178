import { UsageError } from '../../base/index.ts'
import { readCount, readPositive, readPositiveDurationUs } from '../parse/option-reader.ts'
import type { PlanOverrides } from '../parse/overrides.ts'
import { divideCount } from './divide-count.ts'
import {
  checkedStages,
  defaultMaxDurationUs,
  defaultMaxUsers,
  positiveRate,
  type ParsedLoad,
  type ParsedStages,
  type ParsedUsers,
} from './parsed-load.ts'
import { parseStageFlags } from './stage-flags.ts'

/** A scenario's own load; undefined when the script gives none. */
export interface NamedLoad {
  readonly name: string
  readonly load: ParsedLoad | undefined
}

/** The load flags, parsed. At most one of rate, iterations and stages is there. */
interface LoadFlags {
  readonly users: number | undefined
  readonly spawnUsersPerSecond: number | undefined
  readonly durationUs: number | undefined
  readonly startsPerSecond: number | undefined
  readonly iterations: number | undefined
  readonly stages: ParsedStages | undefined
}

/**
 * Loads of all scenarios after the command line spoke. Users, rates, iterations and stage levels
 * are totals of the run: several scenarios divide them in proportion to their own loads in the
 * script (equally when none has one), which needs loads of one kind. A duration holds for each.
 *
 * | flag | on a load | becomes |
 * |---|---|---|
 * | -u (-r, -d) | by users | the new number, the script's ramp and duration unless given |
 * | -u -d (-r) | any | a load by users |
 * | -d | by users, by rate, iterations | the same load, shorter or longer; a ramp is cut to fit |
 * | --rate (-d, -u) | any with a duration | a load by rate; -u limits its concurrent users |
 * | -i (-u, -d) | any | that many iterations; -d is the latest end |
 * | -s | any | these stages |
 */
export function overrideLoads(
  loads: readonly NamedLoad[],
  overrides: PlanOverrides,
): readonly (ParsedLoad | undefined)[] {
  const flags = readLoadFlags(overrides)
  if (Object.values(flags).every(flag => flag === undefined)) return loads.map(one => one.load)
  const total = flags.users ?? flags.startsPerSecond ?? flags.iterations ?? flags.stages
  const weights = total === undefined ? loads.map(() => 1) : weightsOf(loads)
  const shares = divided(flags, weights)
  return loads.map((one, index) => overrideLoad(one, shares[index] ?? flags))
}

function readLoadFlags(overrides: PlanOverrides): LoadFlags {
  const { rate, stages } = overrides
  refusePairs(overrides)
  return {
    users: readCount(overrides.users, '-u/--users', 1),
    spawnUsersPerSecond: readPositive(overrides.spawnRate, '-r/--spawn-rate'),
    durationUs: readPositiveDurationUs(overrides.duration, '-d/--duration'),
    startsPerSecond: rate === undefined ? undefined : positiveRate(flagRate(rate), '--rate'),
    iterations: readCount(overrides.iterations, '-i/--iterations', 1),
    stages: stages === undefined || stages.length === 0 ? undefined : parseStageFlags(stages),
  }
}

/** A bare number of the command line arrives as a text and means per second, as in a script. */
const flagRate = (rate: number | string) =>
  typeof rate === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(rate) ? Number(rate) : rate

/** Flags that contradict each other: each says how much load there is, in another way. */
const contradictions: readonly (readonly [keyof PlanOverrides, keyof PlanOverrides])[] = [
  ['stages', 'users'],
  ['stages', 'duration'],
  ['stages', 'rate'],
  ['stages', 'iterations'],
  ['stages', 'spawnRate'],
  ['rate', 'iterations'],
  ['rate', 'spawnRate'],
  ['iterations', 'spawnRate'],
]
const flagNames: { readonly [Key in keyof PlanOverrides]?: string } = {
  stages: '-s/--stage',
  users: '-u/--users',
  duration: '-d/--duration',
  rate: '--rate',
  iterations: '-i/--iterations',
  spawnRate: '-r/--spawn-rate',
}

function refusePairs(overrides: PlanOverrides): void {
  const given = (key: keyof PlanOverrides) =>
    overrides[key] !== undefined && !(key === 'stages' && overrides.stages?.length === 0)
  for (const [one, other] of contradictions) {
    if (!given(one) || !given(other)) continue
    throw new UsageError(
      'LOAD_FLAGS',
      `${flagNames[one]} and ${flagNames[other]} contradict each other; give one of them`,
    )
  }
}

/** How the scenarios' loads compare; they can be compared only when they are of one kind. */
function weightsOf(loads: readonly NamedLoad[]): number[] {
  if (loads.length === 1) return [1]
  const kinds = new Set(loads.map(({ load }) => kindOfLoad(load)))
  if (kinds.size > 1) {
    const seen = loads.map(({ name, load }) => `"${name}" ${kindOfLoad(load)}`).join(', ')
    throw new UsageError(
      'LOAD_FLAGS',
      `the scenarios have loads of different kinds (${seen}), so one total cannot be divided ` +
        `among them; choose one with --scenario NAME, or change the loads in the script`,
    )
  }
  return loads.map(({ load }) => (load === undefined ? 1 : peakOf(load)))
}

function kindOfLoad(load: ParsedLoad | undefined): string {
  if (load === undefined) return 'without a load'
  if (load.kind === 'iterations') return 'by iterations'
  const byRate = load.kind === 'rate' || (load.kind === 'stages' && load.by === 'rate')
  return byRate ? 'by rate' : 'by users'
}

function peakOf(load: ParsedLoad): number {
  if (load.kind === 'users') return load.users
  if (load.kind === 'rate') return load.startsPerSecond
  if (load.kind === 'iterations') return load.iterations
  return Math.max(...load.stages.map(stage => stage.level))
}

function divided(flags: LoadFlags, weights: readonly number[]): LoadFlags[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const users = shareOut(flags.users, weights, '-u/--users')
  const iterations = shareOut(flags.iterations, weights, '-i/--iterations')
  const stages = stagesOut(flags.stages, weights)
  const scaled = (value: number | undefined, weight: number) =>
    value === undefined ? undefined : (value * weight) / sum
  return weights.map((weight, index) => ({
    durationUs: flags.durationUs,
    users: users?.[index],
    spawnUsersPerSecond: scaled(flags.spawnUsersPerSecond, weight),
    startsPerSecond: scaled(flags.startsPerSecond, weight),
    iterations: iterations?.[index],
    stages: stages?.[index],
  }))
}

function shareOut(
  total: number | undefined,
  weights: readonly number[],
  flag: string,
): readonly number[] | undefined {
  if (total === undefined) return undefined
  const parts = divideCount(total, weights)
  if (!parts.includes(0)) return parts
  throw new UsageError(
    'LOAD_FLAGS',
    `${flag} ${total} divided among ${weights.length} scenarios leaves one of them with none; ` +
      `give more, or choose scenarios with --scenario NAME`,
  )
}

function stagesOut(
  total: ParsedStages | undefined,
  weights: readonly number[],
): ParsedStages[] | undefined {
  if (total === undefined) return undefined
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const levels = total.stages.map(({ level }) =>
    total.by === 'users'
      ? divideCount(level, weights)
      : weights.map(weight => (level * weight) / sum),
  )
  return weights.map((_, scenario) => {
    const stages = total.stages.map((stage, index) => ({
      ...stage,
      level: levels[index]?.[scenario] ?? 0,
    }))
    return checkedStages({ ...total, stages }, '-s/--stage')
  })
}

function overrideLoad({ name, load }: NamedLoad, flags: LoadFlags): ParsedLoad {
  if (flags.stages !== undefined) return { ...flags.stages, ...openLimitsOf(load) }
  if (flags.iterations !== undefined) return byIterations(load, flags, flags.iterations)
  if (flags.startsPerSecond !== undefined) return byRate(name, load, flags, flags.startsPerSecond)
  if (flags.users !== undefined) return byUsers(name, load, flags, flags.users)
  if (flags.spawnUsersPerSecond !== undefined) {
    if (load?.kind === 'users') return byUsers(name, load, flags, load.users)
    throw new UsageError(
      'LOAD_FLAGS',
      `-r/--spawn-rate: the load of scenario "${name}" is ${kindOfLoad(load)}; ` +
        `-r goes with -u/--users`,
    )
  }
  return withDuration(name, load, flags.durationUs ?? 0)
}

function byIterations(
  load: ParsedLoad | undefined,
  flags: LoadFlags,
  iterations: number,
): ParsedLoad {
  const written = load?.kind === 'users' || load?.kind === 'iterations' ? load.users : 1
  const maxUs = load?.kind === 'iterations' ? load.maxDurationUs : defaultMaxDurationUs
  return {
    kind: 'iterations',
    iterations,
    users: flags.users ?? Math.min(written, iterations),
    maxDurationUs: flags.durationUs ?? maxUs,
  }
}

function byRate(
  name: string,
  load: ParsedLoad | undefined,
  flags: LoadFlags,
  startsPerSecond: number,
): ParsedLoad {
  const ownUs = load?.kind === 'users' || load?.kind === 'rate' ? load.durationUs : undefined
  const durationUs = flags.durationUs ?? ownUs
  if (durationUs === undefined) throw noDuration(name, load, '--rate')
  const own = openLimitsOf(load)
  return {
    kind: 'rate',
    startsPerSecond,
    durationUs,
    rampUpUs: load?.kind === 'rate' ? Math.min(load.rampUpUs, durationUs) : 0,
    poisson: own.poisson,
    maxUsers: flags.users ?? own.maxUsers,
  }
}

function byUsers(
  name: string,
  load: ParsedLoad | undefined,
  flags: LoadFlags,
  users: number,
): ParsedLoad {
  if (load?.kind === 'iterations' && flags.durationUs === undefined) return { ...load, users }
  const own = load?.kind === 'users' ? load : undefined
  const durationUs = flags.durationUs ?? own?.durationUs
  if (durationUs === undefined) throw noDuration(name, load, '-u/--users')
  const perSecond = flags.spawnUsersPerSecond
  if (perSecond !== undefined) return spawned(users, durationUs, perSecond)
  const rampUpUs = Math.min(own?.rampUpUs ?? 0, durationUs)
  return { kind: 'users', users, durationUs, rampUpUs }
}

/** A spawn rate that does not reach all users in time starts as many as it can. */
function spawned(users: number, durationUs: number, usersPerSecond: number): ParsedUsers {
  const rampUpUs = Math.round((users / usersPerSecond) * 1e6)
  if (rampUpUs <= durationUs) return { kind: 'users', users, durationUs, rampUpUs }
  const reached = Math.max(1, Math.floor((usersPerSecond * durationUs) / 1e6))
  return { kind: 'users', users: reached, durationUs, rampUpUs: durationUs }
}

function withDuration(name: string, load: ParsedLoad | undefined, durationUs: number): ParsedLoad {
  if (load === undefined) return { kind: 'users', users: 1, rampUpUs: 0, durationUs }
  if (load.kind === 'iterations') return { ...load, maxDurationUs: durationUs }
  if (load.kind !== 'stages') {
    return { ...load, durationUs, rampUpUs: Math.min(load.rampUpUs, durationUs) }
  }
  throw new UsageError(
    'LOAD_FLAGS',
    `-d/--duration: scenario "${name}" has stages with lengths of their own; ` +
      `replace them with -s/--stage, or give -u or --rate too`,
  )
}

function openLimitsOf(load: ParsedLoad | undefined): { poisson: boolean; maxUsers: number } {
  if (load?.kind !== 'rate' && !(load?.kind === 'stages' && load.by === 'rate')) {
    return { poisson: false, maxUsers: defaultMaxUsers }
  }
  return { poisson: load.poisson, maxUsers: load.maxUsers }
}

function noDuration(name: string, load: ParsedLoad | undefined, flag: string): UsageError {
  return new UsageError(
    'LOAD_FLAGS',
    `${flag}: how long? The load of scenario "${name}" is ${kindOfLoad(load)}; ` +
      `add a duration, e.g. -d 1m`,
  )
}
