import { steadinessOf } from '../steady/steadiness.ts'
import type { ComparedRun, RunUse } from './comparison.ts'
import type { LoadSide } from './loads.ts'
import type { SliceSource } from './slices.ts'
import { sum, type SteadyPart } from './stretches.ts'

/** One side of a comparison: its runs, and what of them is used. */
export interface Side {
  readonly runs: readonly ComparedRun[]
  readonly uses: readonly RunUse[]
  /** The steady parts, all names together, one for each run. */
  readonly overall: readonly SteadyPart[]
}

/** Finds the steady part of every run. */
export function sideOf(runs: readonly ComparedRun[]): Side {
  const uses = runs.map(useOf)
  return { runs, uses, overall: partsOf(runs, uses, run => run.overall) }
}

/** The steady parts of one name; undefined when a run does not have it. */
export function namedParts({ runs, uses }: Side, name: string): SteadyPart[] | undefined {
  if (!runs.every(run => run.names.has(name))) return undefined
  return partsOf(runs, uses, run => run.names.get(name)!)
}

export function loadOf({ runs, overall }: Side): LoadSide {
  const users = runs.map(run => run.closedUsers).filter(count => count !== undefined)
  const closedUsers = users.length === runs.length ? sum(users) / users.length : undefined
  return { parts: overall, closedUsers }
}

/** Why the side is not steady; undefined when it is. Oscillation is: stretches average it out. */
export function unsteadyWords({ uses }: Side): string | undefined {
  return uses.find(({ steadiness: { kind } }) => kind !== 'steady' && kind !== 'oscillating')
    ?.steadiness.words
}

const startOf = (run: ComparedRun) => run.part?.fromSecond ?? 0

function useOf(run: ComparedRun): RunUse {
  const from = startOf(run)
  const seconds = (run.part?.toSecond ?? run.overall.seconds) - from
  const figures = Array.from({ length: seconds }, (_, i) =>
    run.overall.merged(from + i, from + i + 1),
  )
  const steadiness = steadinessOf(figures)
  const { fromSecond, toSecond } = steadiness
  const requests = sum(figures.slice(fromSecond, toSecond).map(({ count }) => count))
  const steadySeconds = toSecond - fromSecond
  return {
    warmUpSeconds: fromSecond,
    steadySeconds,
    steadiness,
    requests,
    requestsPerSecond: steadySeconds > 0 ? requests / steadySeconds : 0,
  }
}

function partsOf(
  runs: readonly ComparedRun[],
  uses: readonly RunUse[],
  sourceOf: (run: ComparedRun) => SliceSource,
): SteadyPart[] {
  return runs.map((run, i) => ({
    source: sourceOf(run),
    fromSecond: startOf(run) + uses[i]!.steadiness.fromSecond,
    toSecond: startOf(run) + uses[i]!.steadiness.toSecond,
  }))
}
