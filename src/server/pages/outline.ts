import type { TestPlan } from '../../plan/index.ts'
import { formatSpan } from '../../report/index.ts'
import { model, peakRate, peakUsers, type LoadProfile } from '../../schedule/index.ts'
import type { ScenarioOutline } from '../api.ts'

type Level = ScenarioOutline['profile'][number]

/** The scenarios of a plan and their loads, for a page. */
export function outlinesOf({ scenarios }: TestPlan): ScenarioOutline[] {
  return scenarios.map(({ name, target, load }) => {
    const profile = levelsOf(load)
    const at = target.socketPath === undefined ? target.origin : `unix:${target.socketPath}`
    return {
      scenario: name,
      model: model(load),
      target: `${at}${target.basePath}`,
      load: wordsOf(load, profile.at(-1)?.atUs ?? 0),
      profile,
    }
  })
}

function wordsOf(load: LoadProfile, lengthUs: number): string {
  const length = formatSpan(lengthUs)
  switch (load.kind) {
    case 'iterations':
      return `${load.iterations} iterations by ${users(load.users)}, at most ${length}`
    case 'users': {
      const how = upTo(load.segments, one => [one.fromUsers, one.toUsers])
      return `${how}${users(peakUsers(load))} for ${length}`
    }
    case 'rate': {
      const how = upTo(load.segments, one => [one.fromPerSecond, one.toPerSecond])
      const most = Math.round(peakRate(load) * 100) / 100
      return `${how}${most}/s for ${length}${load.poisson ? ', Poisson arrivals' : ''}`
    }
  }
}

const users = (count: number) => (count === 1 ? '1 user' : `${count} users`)

/** Said of a load that has more than one level. */
function upTo<T>(segments: readonly T[], levelsOfOne: (segment: T) => number[]): string {
  return new Set(segments.flatMap(levelsOfOne)).size > 1 ? 'up to ' : ''
}

/** Corners of the profile: a jump has two at the same moment. */
function levelsOf(load: LoadProfile): Level[] {
  if (load.kind === 'iterations') {
    const { users, maxDurationUs } = load
    return [
      { atUs: 0, value: users },
      { atUs: maxDurationUs, value: users },
    ]
  }
  const corners =
    load.kind === 'users'
      ? load.segments.map(one => [one.fromUsers, one.toUsers, one.durationUs] as const)
      : load.segments.map(one => [one.fromPerSecond, one.toPerSecond, one.durationUs] as const)
  let startsAtUs = 0
  return corners.flatMap(([from, to, durationUs]) => {
    const begin = { atUs: startsAtUs, value: from }
    startsAtUs += durationUs
    return [begin, { atUs: startsAtUs, value: to }]
  })
}
