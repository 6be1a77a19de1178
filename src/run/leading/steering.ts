import { exitCodes, formatDurationUs, UsageError } from '../../base/index.ts'
import type { Mark } from '../../metrics/index.ts'
import type { TestPlan } from '../../plan/index.ts'
import { peakRateFrom, peakUsers, scaledFrom, type LoadProfile } from '../../schedule/index.ts'

/** From a live change of the rate to its moment: time for the message to reach every worker. */
const changeLeadUs = 100_000

/** What a change comes to, and the mark that tells of it. */
export interface Steered<T> {
  readonly change: T
  readonly mark: Mark
}

/**
 * Live changes of a run, kept within the plan's limits. It knows what was changed before, so that
 * every worker can be told the same.
 */
export class Steering {
  readonly #plan: TestPlan
  #open: readonly Extract<LoadProfile, { kind: 'rate' }>[]
  /** Of what the script says, all changes together. */
  #rateFactor = 1
  #usersAdded = 0

  constructor(plan: TestPlan) {
    this.#plan = plan
    this.#open = plan.scenarios.flatMap(({ load }) => (load.kind === 'rate' ? [load] : []))
  }

  /**
   * The users that are really added or taken away, all workers together. Below nobody and above the
   * plan's limit there is nothing to change. Throws a UsageError when no scenario is by users.
   */
  users(delta: number, atUs: number): Steered<number> {
    const { limits, scenarios } = this.#plan
    const loads = scenarios.map(({ load }) => load).filter(({ kind }) => kind === 'users')
    if (loads.length === 0) {
      throw new UsageError('STEER', 'no scenario of this run is by users: change its rate instead')
    }
    const peaks = loads.map(peakUsers)
    const fewest = -Math.max(0, ...peaks) * loads.length
    const most = Math.max(0, limits.maxUsers - peaks.reduce((sum, one) => sum + one, 0))
    const added = Math.min(Math.max(fewest, this.#usersAdded + delta), most)
    const change = added - this.#usersAdded
    this.#usersAdded = added
    const cut = change === delta ? '' : delta > 0 ? ` (limit ${limits.maxUsers})` : ' (none left)'
    const sign = change < 0 ? '−' : '+'
    const many = Math.abs(change) === 1 ? 'user' : 'users'
    const text = `${sign}${Math.abs(change)} ${many} by hand${cut}`
    return { change, mark: { atUs, kind: 'users', text } }
  }

  /**
   * The change of the rate, a moment ahead. Throws a UsageError when it is no number above 0, when
   * no scenario is by rate, or when it would go beyond the plan's limit.
   */
  rate(factor: number, nowUs: number): Steered<{ fromUs: number; factor: number }> {
    const fromUs = Math.max(0, Math.round(nowUs + changeLeadUs))
    if (!Number.isFinite(factor) || factor <= 0) {
      throw new UsageError('STEER', `the rate cannot be changed by a factor of ${factor}`)
    }
    if (this.#open.length === 0) {
      throw new UsageError('STEER', 'no scenario of this run is by rate: change its users instead')
    }
    const peak = this.#open.reduce((sum, { segments }) => sum + peakRateFrom(segments, fromUs), 0)
    const { maxStartsPerSecond } = this.#plan.limits
    if (factor > 1 && peak * factor > maxStartsPerSecond) {
      throw new UsageError(
        'GUARD',
        `times ${factor} is up to ${Math.ceil(peak * factor)} iterations per second, the limit ` +
          `is ${maxStartsPerSecond}; it is raised in the script: limits: { maxRate: ... }`,
        { exitCode: exitCodes.guard },
      )
    }
    const change = { fromUs, factor }
    this.#open = this.#open.map(load => ({ ...load, segments: scaledFrom(load.segments, change) }))
    this.#rateFactor *= factor
    const percent = Math.round(this.#rateFactor * 1000) / 10
    return { change, mark: { atUs: fromUs, kind: 'rate', text: `rate to ${percent} % by hand` } }
  }
}

/**
 * A mark for every stage of the plan's loads: where a level jumps or a ramp begins. Loads of one
 * level have none.
 */
export function stageMarks({ scenarios }: TestPlan): Mark[] {
  const marks = scenarios.flatMap(({ name, load }) => {
    const of = scenarios.length > 1 ? ` of ${name}` : ''
    return marksOf(load).map(({ text, ...mark }) => ({ ...mark, text: `${text}${of}` }))
  })
  return marks.sort((a, b) => a.atUs - b.atUs)
}

function marksOf(load: LoadProfile): Mark[] {
  const stages =
    load.kind === 'users' ? userStages(load) : load.kind === 'rate' ? rateStages(load) : []
  const lasting = stages.filter(({ durationUs }) => durationUs > 0)
  if (lasting.length < 2) return []
  return lasting.map(({ startsAtUs, level, durationUs }, i) => {
    const text = `stage ${i + 1}: ${level} for ${shortly(durationUs)}`
    return { atUs: startsAtUs, kind: 'stage', text }
  })
}

interface Stage {
  readonly startsAtUs: number
  readonly durationUs: number
  readonly level: string
}

function userStages({ segments }: Extract<LoadProfile, { kind: 'users' }>): Stage[] {
  return staged(segments, ({ fromUsers: from, toUsers: to }) =>
    levelOf(from, to, from === 1 && to === 1 ? ' user' : ' users'),
  )
}

function rateStages({ segments }: Extract<LoadProfile, { kind: 'rate' }>): Stage[] {
  return staged(segments, one => levelOf(one.fromPerSecond, one.toPerSecond, '/s'))
}

function staged<T extends { readonly durationUs: number }>(
  segments: readonly T[],
  level: (segment: T) => string,
): Stage[] {
  let startsAtUs = 0
  return segments.map(segment => {
    const stage = { startsAtUs, durationUs: segment.durationUs, level: level(segment) }
    startsAtUs += segment.durationUs
    return stage
  })
}

const levelOf = (from: number, to: number, unit: string) =>
  from === to ? `${short(to)}${unit}` : `${short(from)} to ${short(to)}${unit}`
const short = (level: number) => String(Math.round(level * 100) / 100)
const shortly = (us: number) => formatDurationUs(us).replace(/\.0+ /, ' ')
