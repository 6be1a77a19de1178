import { SeededDice } from '../../../kit/seeded-dice.ts'
import type { ClientName, ClientWindow } from '../../windows/client-windows.ts'
import { latencyOf } from '../../windows/testing/latencies.ts'

/** What a request of a second came to: its duration, and whether it failed. */
export type Behaviour = (
  second: number,
  roll: () => number,
) => { readonly us: number; readonly failed?: boolean }

/** An exponential share above 5 ms, as of a queue. */
export const healthy: Behaviour = (_second, roll) => ({ us: 5_000 - 5_000 * Math.log(1 - roll()) })

/** A run of a minute; every second has 40 requests of 'list' and 4 of 'order'. */
export function run(seed: number, list: Behaviour, order: Behaviour = healthy): ClientWindow[] {
  const dice = new SeededDice()
  const roll = () => dice.roll(seed)
  return Array.from({ length: 60 }, (_, second) => {
    const names = [named('list', 40, list), named('order', 4, order)]
    return { second, seconds: 1, names, scenarios: [], generators: [] }

    function named(name: string, count: number, behaviour: Behaviour): ClientName {
      const all = Array.from({ length: count }, () => behaviour(second, roll))
      const of = (wanted: boolean) =>
        latencyOf(all.filter(({ failed = false }) => failed === wanted).map(({ us }) => us))
      return {
        ...{ kind: 'request', scenario: 'shop', name, inFlight: 0, statuses: {}, failures: {} },
        ...{ ok: of(false), failed: of(true) },
      }
    }
  })
}
