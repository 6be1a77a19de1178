import type { Nginx } from '../targets/nginx.ts'
import { median } from './bench.ts'
import { CoreDistance, type Nearness } from './core-distance.ts'
import type { CorePlan } from './machine.ts'
import type { Launch } from './process.ts'
import { steadyOf, type Steady, type SteadyTiming } from './steady.ts'

/** Two clients measured in turns (A B A B) against the same server, on the same cores. */
export interface DuelSetting {
  readonly nginx: Nginx
  readonly cores: CorePlan
  readonly timing: SteadyTiming
  /** Measurements of each client that are to be kept. */
  readonly wanted: number
  /** Rounds at most, because those that the host disturbed do not count. */
  readonly roundsAtMost: number
  /** False keeps every measurement: for the tiny form, which proves that it runs and no more. */
  readonly strict: boolean
}

/** What was kept of both clients at one distance between their cores and the server's. */
export interface Standing {
  /** 'unknown' when the distance cannot be told: one core for all. */
  readonly nearness: Nearness | 'unknown'
  readonly ours: readonly Steady[]
  readonly theirs: readonly Steady[]
}

export interface DuelResult {
  /** Distances at which both clients were measured, the one with most measurements first. */
  readonly standings: readonly Standing[]
  /** Measurements during which the host moved the cores, or the rate jumped. */
  readonly discarded: number
}

interface Kept {
  readonly side: 'ours' | 'theirs'
  readonly nearness: Nearness | 'unknown'
  readonly steady: Steady
}

/** Sub-windows that differ by more than this were not measured under the same conditions. */
const steadyJumpRatio = 1.3

/** Runs both clients in turns until each has enough measurements at the same distance. */
export async function duel(
  clients: { readonly ours: Launch; readonly theirs: Launch },
  setting: DuelSetting,
): Promise<DuelResult> {
  await using distance = await CoreDistance.between(
    setting.cores.server[0] ?? 0,
    setting.cores.client[0] ?? 0,
  )
  const kept: Kept[] = []
  let discarded = 0
  for (let round = 0; round < setting.roundsAtMost; round++) {
    for (const side of ['ours', 'theirs'] as const) {
      const before = await distance.nearness()
      const steady = await steadyOf(clients[side], setting.nginx, setting.timing)
      const moved = before !== (await distance.nearness()) || steady.jumpRatio > steadyJumpRatio
      if (moved && setting.strict) discarded++
      else kept.push({ side, nearness: (setting.strict && before) || 'unknown', steady })
    }
    if (standingsOf(kept).some(standing => pairsOf(standing) >= setting.wanted)) break
  }
  const standings = standingsOf(kept).filter(standing => pairsOf(standing) > 0)
  return { standings: standings.sort((a, b) => pairsOf(b) - pairsOf(a)), discarded }
}

const pairsOf = (standing: Standing) => Math.min(standing.ours.length, standing.theirs.length)

function standingsOf(kept: readonly Kept[]): Standing[] {
  return [...Map.groupBy(kept, one => one.nearness)].map(([nearness, some]) => ({
    nearness,
    ours: some.filter(one => one.side === 'ours').map(one => one.steady),
    theirs: some.filter(one => one.side === 'theirs').map(one => one.steady),
  }))
}

/** Median of one figure over the measurements of one client. */
export const middle = (all: readonly Steady[], pick: (one: Steady) => number): number =>
  median(all.map(pick))

/** 'near cores' or 'far cores'; '' when it cannot be told. */
export const nearnessText = (nearness: Standing['nearness']): string =>
  nearness === 'unknown' ? '' : `${nearness} cores`
