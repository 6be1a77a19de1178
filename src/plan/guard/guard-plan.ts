import { exitCodes, UsageError } from '../../base/index.ts'
import { peakRate, peakUsers } from '../../schedule/index.ts'
import type { ScenarioPlan, TestPlan } from '../test-plan.ts'
import { checkAllowedHosts, hostGuard, type HostGuard, type Lookup } from './host-guard.ts'

export interface GuardOptions {
  /** Resolves names. @default the system's resolver */
  readonly lookup?: Lookup
}

/**
 * The safety guard, asked before any load is made. Every target must be loopback, private, or
 * listed in the plan's `allowedHosts`; users and starts per second must lie below its limits. Else
 * a UsageError with exit code 110 that says how to allow it. Unix sockets pass. A name that cannot
 * be resolved passes too: the run will count its failures; but not when a proxy would resolve it.
 */
export async function guardPlan(plan: TestPlan, options: GuardOptions = {}): Promise<void> {
  refuseTooMuch(plan)
  checkAllowedHosts(plan.allowedHosts)
  const guard = hostGuard(plan.allowedHosts, options.lookup)
  for (const scenario of plan.scenarios) await guardTarget(scenario, guard)
}

async function guardTarget({ name, target, proxy }: ScenarioPlan, guard: HostGuard): Promise<void> {
  if (target.socketPath !== undefined) return
  const host = new URL(target.origin).hostname
  const verdict = await guard.verdictOf(host)
  if (verdict === 'allowed' || (verdict === 'unknown' && proxy === undefined)) return
  const why =
    verdict === 'refused'
      ? 'is neither loopback nor private'
      : 'cannot be resolved here, and the proxy may reach anything'
  throw guardError(`scenario "${name}": ${host} ${why}. ${howToAllow(host)}`)
}

/** What to do about a host that the guard refuses: the flag and the line of the script. */
function howToAllow(host: string): string {
  return (
    `If you may load it, say so: --allow-host ${host} on the command line, ` +
    `or allowedHosts: ['${host}'] in plan({ ... })`
  )
}

/** Why a run ended that asked for a host beyond its targets, and what to do about it. */
export function refusalOf(host: string): string {
  return (
    `the safety guard refused to connect to ${host}: only loopback, private and allowed hosts ` +
    `may be loaded. ${howToAllow(host)}`
  )
}

function refuseTooMuch({ scenarios, limits }: TestPlan): void {
  // The user limit of an open load is a ceiling, not a demand: it does not count as users.
  const users = scenarios.reduce(
    (sum, { load }) => sum + (load.kind === 'rate' ? 0 : peakUsers(load)),
    0,
  )
  if (users > limits.maxUsers) {
    throw guardError(
      `the plan starts up to ${users} users, the limit is ${limits.maxUsers}. ` +
        `If that is meant, raise it in the script: limits: { maxUsers: ${users} } in plan({ ... })`,
    )
  }
  const startsPerSecond = scenarios.reduce((sum, { load }) => sum + peakRate(load), 0)
  if (startsPerSecond > limits.maxStartsPerSecond) {
    throw guardError(
      `the plan starts up to ${startsPerSecond} iterations per second, the limit is ` +
        `${limits.maxStartsPerSecond}. If that is meant, raise it in the script: ` +
        `limits: { maxRate: '${Math.ceil(startsPerSecond)}/s' } in plan({ ... })`,
    )
  }
}

const guardError = (message: string) =>
  new UsageError('GUARD', message, { exitCode: exitCodes.guard })
