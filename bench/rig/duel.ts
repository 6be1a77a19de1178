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
  /** Turns of each client at least. */
  readonly rounds: number
  /** Windows of each client that must be comparable before it ends. */
  readonly wanted: number
  /** Turns of each client at most, because windows in which the host moved a core do not count. */
  readonly roundsAtMost: number
}

/** For measuring, and for proving in a second or two that a bench works. */
export const duelPace = (tiny: boolean): Omit<DuelSetting, 'nginx' | 'cores'> =>
  tiny
    ? {
        timing: { settleMs: 200, windowMs: 300, windows: 1 },
        ...{ rounds: 1, wanted: 0, roundsAtMost: 1 },
      }
    : {
        timing: { settleMs: 2000, windowMs: 600, windows: 4 },
        ...{ rounds: 4, wanted: 8, roundsAtMost: 12 },
      }

/** What was measured of both clients at one distance between their core and the server's. */
export interface Standing {
  readonly nearness: Nearness | 'unknown'
  readonly ours: readonly Steady[]
  readonly theirs: readonly Steady[]
}

export interface DuelResult {
  /** Distances at which both clients were measured; 'unknown' only when there is no other. */
  readonly standings: readonly Standing[]
  /** Windows during which the host moved a core, or the distance could not be told. */
  readonly discarded: number
}

interface Measured {
  readonly ours: Steady[]
  readonly theirs: Steady[]
}

/** Runs both clients in turns until each has enough windows at the same distance. */
export async function duel(
  clients: { readonly ours: Launch; readonly theirs: Launch },
  setting: DuelSetting,
): Promise<DuelResult> {
  const [server = 0] = setting.cores.server
  const [client = 0] = setting.cores.client
  await using distance = await CoreDistance.between(server, client)
  const nearness = () => distance.nearness()
  const all: Measured = { ours: [], theirs: [] }
  for (let round = 1; round <= setting.roundsAtMost; round++) {
    for (const side of ['ours', 'theirs'] as const) {
      all[side].push(...(await steadyOf(clients[side], setting.nginx, setting.timing, nearness)))
    }
    const enough = told(all).some(standing => comparable(standing) >= setting.wanted)
    if (round >= setting.rounds && (enough || setting.wanted === 0)) break
  }
  const standings = told(all).filter(standing => comparable(standing) >= 2)
  const kept = standings.reduce((sum, { ours, theirs }) => sum + ours.length + theirs.length, 0)
  const discarded = all.ours.length + all.theirs.length - kept
  if (standings.length > 0) return { standings, discarded }
  return { standings: [{ nearness: 'unknown', ...all }], discarded: 0 }
}

const comparable = (standing: Standing) => Math.min(standing.ours.length, standing.theirs.length)

const told = (all: Measured): Standing[] =>
  (['near', 'far'] as const).map(nearness => ({
    nearness,
    ours: all.ours.filter(one => one.nearness === nearness),
    theirs: all.theirs.filter(one => one.nearness === nearness),
  }))

/** Median of one figure over the windows of one client. */
export const middle = (all: readonly Steady[], pick: (one: Steady) => number): number =>
  median(all.map(pick))

/** 'near cores' or 'far cores'; '' when it cannot be told. */
export const nearnessText = (nearness: Standing['nearness']): string =>
  nearness === 'unknown' ? '' : `${nearness} cores`
