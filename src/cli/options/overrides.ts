import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { messageOf, UsageError } from '../../base/index.ts'
import type { PlanOverrides } from '../../plan/index.ts'
import type { Flags } from './flags.ts'
import type { Environment } from './read-flags.ts'

/** What the flags say about the plan; the script says the rest. */
export function overridesOf(flags: Flags, environment: Environment): PlanOverrides {
  const { host, users, spawnRate, duration, rate, iterations, workers, seed, insecure } = flags
  return {
    ...{ host, users, spawnRate, duration, rate, iterations, workers, seed, insecure },
    stages: flags.stage,
    env: { ...envFile(flags.envFile), ...Object.fromEntries(flags.env ?? []) },
    scenarios: flags.scenario,
    tags: Object.fromEntries(flags.tag ?? []),
    randomSeed: randomInt(2 ** 32),
    stopTimeout: flags.stopTimeout,
    warmUp: flags.warmUp,
    exactPacing: flags.exact,
    allowHosts: flags.allowHost,
    proxies: {
      http: proxyVariable(environment, 'HTTP_PROXY'),
      https: proxyVariable(environment, 'HTTPS_PROXY'),
      no: proxyVariable(environment, 'NO_PROXY'),
    },
  }
}

/** Both spellings are in use; the lower-case one is the older and wins, as in curl. */
function proxyVariable(environment: Environment, name: string): string | undefined {
  return environment[name.toLowerCase()] ?? environment[name]
}

function envFile(file: string | undefined): Readonly<Record<string, string>> {
  if (file === undefined) return {}
  try {
    const values = parseEnv(readFileSync(file, 'utf8'))
    return Object.fromEntries(
      Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    )
  } catch (cause) {
    throw new UsageError('ENV_FILE', `--env-file: ${file} cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  }
}
