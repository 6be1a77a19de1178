import { formatDurationUs } from '../../base/index.ts'
import type { ScenarioPlan, TestPlan, ThinkTimePlan } from '../../plan/index.ts'
import { totalDurationUs, type LoadProfile } from '../../schedule/index.ts'

const sparks = '▁▂▃▄▅▆▇█'
const sparkWidth = 40

/** A plan for people: what will run, against what, how much, and what must hold. */
export function describePlan(plan: TestPlan): string {
  const lines = plan.scenarios.flatMap(describeScenario)
  if (plan.warmUpUs > 0) lines.push(`warm-up     ${formatDurationUs(plan.warmUpUs)}, left out`)
  lines.push(`workers     ${plan.workers}`, `seed        ${plan.seed}`)
  if (plan.thresholds.length === 0) lines.push('thresholds  none')
  for (const { expression } of plan.thresholds) lines.push(`threshold   ${expression}`)
  return lines.join('\n')
}

function describeScenario(scenario: ScenarioPlan): string[] {
  const { name, target, load, thinkTime, tasks, data } = scenario
  const weights = tasks.reduce((sum, task) => sum + task.weight, 0)
  return [
    `scenario    ${name}`,
    `  target    ${target.socketPath ?? target.origin}${target.basePath}`,
    `  load      ${describeLoad(load)}`,
    ...(load.kind === 'iterations' ? [] : [`            ${sparkline(load)}`]),
    `  think     ${describeThinkTime(thinkTime)}`,
    ...tasks.map(task => {
      const percent = (100 * task.weight) / weights
      return `  task      ${percent.toFixed(percent < 10 ? 1 : 0).padStart(4)} %  ${task.name}`
    }),
    ...data.map(
      source =>
        `  data      ${source.name}: ${source.rowCount} rows, ${source.give}, per ${source.per}`,
    ),
    '',
  ]
}

/** 'closed model, 50 users: ramp 0 to 50 in 10 s, hold 50 for 1 min 50 s'. */
export function describeLoad(load: LoadProfile): string {
  if (load.kind === 'iterations') {
    const most = formatDurationUs(load.maxDurationUs)
    const { iterations, users } = load
    const work = `${many(iterations, 'iteration')} by ${many(users, 'user')}`
    return `closed model: ${work}, at most ${most}`
  }
  const parts =
    load.kind === 'users'
      ? load.segments.map(({ fromUsers, toUsers, durationUs }) =>
          describeSegment(fromUsers, toUsers, durationUs, toUsers === 1 ? ' user' : ' users'),
        )
      : load.segments.map(({ fromPerSecond, toPerSecond, durationUs }) =>
          describeSegment(fromPerSecond, toPerSecond, durationUs, '/s'),
        )
  const how = load.kind === 'users' ? 'closed model' : openModel(load)
  return `${how}: ${parts.filter(part => part !== '').join(', then ')}`
}

const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

function openModel(load: Extract<LoadProfile, { kind: 'rate' }>): string {
  const random = load.poisson ? ', Poisson arrivals' : ''
  return `open model${random}, at most ${load.maxUsers} users`
}

function describeSegment(from: number, to: number, durationUs: number, unit: string): string {
  if (durationUs === 0) return ''
  const length = formatDurationUs(durationUs)
  if (from === to) return `${round(to)}${unit} for ${length}`
  return `${round(from)} to ${round(to)}${unit} in ${length}`
}

const round = (level: number) => String(Math.round(level * 100) / 100)

function describeThinkTime(thinkTime: ThinkTimePlan): string {
  switch (thinkTime.kind) {
    case 'none':
      return 'none'
    case 'between':
      return `${formatDurationUs(thinkTime.minUs)} to ${formatDurationUs(thinkTime.maxUs)}`
    case 'constant':
      return formatDurationUs(thinkTime.timeUs)
    case 'pacing':
      return `an iteration every ${formatDurationUs(thinkTime.periodUs)}`
    case 'exponential':
      return `exponential, mean ${formatDurationUs(thinkTime.meanUs)}`
  }
}

/** The level of a profile over its length, 40 columns from 0 to its peak. */
export function sparkline(load: Exclude<LoadProfile, { kind: 'iterations' }>): string {
  const totalUs = totalDurationUs(load)
  const levels = Array.from({ length: sparkWidth }, (_, column) =>
    levelAt(load, ((column + 0.5) / sparkWidth) * totalUs),
  )
  const peak = Math.max(...levels)
  return levels
    .map(level => sparks[peak === 0 ? 0 : Math.round((level / peak) * (sparks.length - 1))])
    .join('')
}

function levelAt(load: Exclude<LoadProfile, { kind: 'iterations' }>, atUs: number): number {
  let startUs = 0
  for (const segment of load.segments) {
    const [from, to] =
      'fromUsers' in segment
        ? [segment.fromUsers, segment.toUsers]
        : [segment.fromPerSecond, segment.toPerSecond]
    if (atUs < startUs + segment.durationUs) {
      return from + ((to - from) * (atUs - startUs)) / segment.durationUs
    }
    startUs += segment.durationUs
  }
  return 0
}
