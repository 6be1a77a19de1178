import type { ScenarioPlan, TestPlan } from '../test-plan.ts'

/** A valid scenario that nobody answers, changed as the test needs. */
export function plainScenario(change: Partial<ScenarioPlan> = {}): ScenarioPlan {
  return {
    name: 'one',
    target: { origin: 'http://127.0.0.1:1', basePath: '', socketPath: undefined },
    load: { kind: 'users', segments: [{ fromUsers: 1, toUsers: 1, durationUs: 1e6 }] },
    thinkTime: { kind: 'none' },
    tasks: [{ name: 'iteration', weight: 1 }],
    data: [],
    headers: {},
    timeoutUs: 30e6,
    connections: 'perUser',
    tls: {
      ...{ ca: undefined, cert: undefined, key: undefined },
      ...{ serverName: undefined, insecure: false },
    },
    maxBodyBytes: 64e6,
    proxy: undefined,
    ...change,
  }
}

/** A valid plan of plain settings, changed as the test needs. */
export function plainPlan(change: Partial<TestPlan> = {}): TestPlan {
  return {
    schema: 'loadstone.plan/1',
    script: 'test.ts',
    scenarios: [plainScenario()],
    thresholds: [],
    warmUpUs: 0,
    stopTimeoutUs: 30e6,
    seed: 7,
    workers: 1,
    env: {},
    tags: {},
    allowedHosts: [],
    limits: { maxUsers: 50_000, maxStartsPerSecond: 200_000 },
    tracingSampledRatio: 1,
    exactPacing: false,
    hasSetup: false,
    hasTeardown: false,
    ...change,
  }
}
