import { seededRandom } from '../base/index.ts'
import type { SetupContext } from '../plan/index.ts'
import { connectionGuard } from './connection-guard.ts'
import { openSession } from './http/session.ts'
import { createTracing } from './http/trace-context.ts'
import type { EngineOptions } from './engine-options.ts'
import { openClient } from './scenario/scenario-clients.ts'

/** What setup and teardown need of a run; nothing of it is measured. */
export type AroundRunOptions = Pick<
  EngineOptions,
  'plan' | 'runId' | 'script' | 'scriptFolder' | 'clock' | 'log' | 'onHostRefused'
>

/**
 * Calls the plan's setup and resolves with what it returned; undefined without one. Rejects with
 * what the script threw, a failed `required` exchange included. Its session belongs to the target
 * of the first scenario and is closed afterwards.
 */
export async function runSetup(options: AroundRunOptions): Promise<unknown> {
  const { setup } = options.script
  return setup === undefined ? undefined : inContext(options, 'setup', setup)
}

/** Calls the plan's teardown with what setup returned. Otherwise as runSetup. */
export async function runTeardown(options: AroundRunOptions, setup: unknown): Promise<void> {
  const { teardown } = options.script
  if (teardown === undefined) return
  await inContext(options, 'teardown', context => teardown(context, setup))
}

async function inContext(
  options: AroundRunOptions,
  stream: 'setup' | 'teardown',
  run: (context: SetupContext) => unknown,
): Promise<unknown> {
  const { plan, runId, clock, log, scriptFolder } = options
  const scenario = plan.scenarios[0]!
  const user = { id: -1, iteration: -1, pendingStartDelayUs: 0, closed: false }
  const guard = connectionGuard(plan.allowedHosts, options.onHostRefused)
  const client = openClient(scenario, { clock, guard })
  const http = openSession({
    ...{ scenario, user, client, clock, recorder: undefined, log, scriptFolder },
    tracing: createTracing({ runId, sampledRatio: plan.tracingSampledRatio }),
  })
  try {
    return await run({ http, env: plan.env, log, random: seededRandom(plan.seed, stream) })
  } finally {
    user.closed = true
    client.close()
  }
}
