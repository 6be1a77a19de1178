import { logTo, type Clock } from '../../base/index.ts'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Histogram, Recorder, type WindowData } from '../../metrics/index.ts'
import type {
  AnyUser,
  ScenarioFunctions,
  ScenarioPlan,
  ScriptModule,
  TestPlan,
} from '../../plan/index.ts'
import { plainPlan } from '../../plan/testing/plain-plan.ts'
import type { LoadProfile, Share } from '../../schedule/index.ts'
import { createPacedEngine, type Engine, type EngineEnd } from '../engine.ts'
import type { EngineOptions } from '../engine-options.ts'
import type { Pacer } from '../pacing/pacer.ts'

export type TaskOf = (user: AnyUser) => unknown

export interface ScenarioSetup
  extends Partial<ScenarioFunctions>, Partial<Omit<ScenarioPlan, 'tasks' | 'load'>> {
  readonly load: LoadProfile
  readonly iteration?: TaskOf
  readonly weights?: readonly number[]
}

export interface EngineSetup {
  readonly scenarios: readonly ScenarioSetup[]
  readonly plan?: Partial<TestPlan>
  readonly data?: EngineOptions['data']
  readonly share?: Share
  readonly setup?: unknown
}

/** An engine under test, with everything it tells the world. */
export interface TestEngine {
  readonly engine: Engine
  readonly clock: FakeClock
  readonly windows: WindowData[]
  readonly scriptErrors: string[]
  readonly logLines: string[]
  /** Set once `ended` has resolved. */
  readonly end: { value: EngineEnd | undefined }
  /** Iteration events so far, all windows together; closes the current window. */
  totals(scenario?: string): IterationTotals
}

export interface IterationTotals {
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly interrupted: number
  readonly drops: Readonly<Record<string, number>>
  readonly users: number
}

const oneWorker: Share = { index: 0, count: 1 }

export const usersFor = (users: number, seconds: number): LoadProfile => ({
  kind: 'users',
  segments: [{ fromUsers: users, toUsers: users, durationUs: seconds * 1e6 }],
})

export const rateFor = (
  perSecond: number,
  seconds: number,
  maxUsers = 1000,
): Extract<LoadProfile, { kind: 'rate' }> => ({
  kind: 'rate',
  segments: [{ fromPerSecond: perSecond, toPerSecond: perSecond, durationUs: seconds * 1e6 }],
  poisson: false,
  maxUsers,
})

function scenarioPlan(setup: ScenarioSetup, name = 'one'): ScenarioPlan {
  const weights = setup.weights ?? [1]
  return {
    name: setup.name ?? name,
    target: setup.target ?? {
      origin: 'http://127.0.0.1:1',
      basePath: '',
      socketPath: undefined,
    },
    load: setup.load,
    thinkTime: setup.thinkTime ?? { kind: 'none' },
    tasks: weights.map((weight, i) => ({ name: `task ${i}`, weight })),
    data: setup.data ?? [],
    headers: setup.headers ?? {},
    timeoutUs: setup.timeoutUs ?? 30e6,
    connections: setup.connections ?? 'perUser',
    tls: setup.tls ?? {
      ...{ ca: undefined, cert: undefined, key: undefined },
      ...{ serverName: undefined, insecure: false },
    },
    maxBodyBytes: setup.maxBodyBytes ?? 64e6,
    proxy: setup.proxy,
  }
}

function testPlan(setup: EngineSetup): TestPlan {
  const nameOf = (i: number) => (i === 0 ? 'one' : `other ${i}`)
  const scenarios = setup.scenarios.map((one, i) => scenarioPlan(one, nameOf(i)))
  return plainPlan({ scenarios, ...setup.plan })
}

function scriptFor(setup: EngineSetup, plan: TestPlan): ScriptModule {
  const scenarios = setup.scenarios.map((one, i): [string, ScenarioFunctions] => [
    plan.scenarios[i]!.name,
    {
      onStart: one.onStart,
      onStop: one.onStop,
      tasks: one.tasks ?? [one.iteration ?? (() => undefined)],
    },
  ])
  return {
    scenarios: new Map(scenarios),
    setup: undefined,
    teardown: undefined,
    describeError: thrown => `test.ts:1:1: ${String(thrown)}`,
  }
}

/** Rings at its own time on the clock of the test. */
function timerPacer(clock: Clock, wake: () => void): Pacer {
  let cancel = () => {}
  const wakeAt = (atUs: number) => {
    cancel()
    cancel = atUs === Infinity ? () => {} : clock.after(atUs - clock.nowUs(), wake)
  }
  return { wakeAt, stop: () => wakeAt(Infinity) }
}

/** Options of an engine as a worker would pass them; `around` is what a test does not fake. */
export function engineOptions(
  setup: EngineSetup,
  around: Pick<EngineOptions, 'clock' | 'recorder'> & Partial<EngineOptions>,
): EngineOptions {
  const plan = testPlan(setup)
  return {
    plan,
    runId: 'run-1',
    script: scriptFor(setup, plan),
    scriptFolder: '/',
    share: setup.share ?? oneWorker,
    data: setup.data ?? [],
    log: logTo(() => {}, 'error'),
    setup: setup.setup,
    onScriptError: () => {},
    onHostRefused: () => {},
    ...around,
  }
}

export function startEngine(setup: EngineSetup): TestEngine {
  const clock = new FakeClock()
  const windows: WindowData[] = []
  const scriptErrors: string[] = []
  const logLines: string[] = []
  const recorder = testRecorder(windows)
  const options = engineOptions(setup, {
    ...{ clock, recorder },
    log: logTo((level, message) => logLines.push(`${level}: ${message}`), 'debug'),
    onScriptError: (scenario, message) => scriptErrors.push(`${scenario}: ${message}`),
  })
  const { plan } = options
  const engine = createPacedEngine(options, timerPacer)
  const end: { value: EngineEnd | undefined } = { value: undefined }
  void engine.ended.then(value => (end.value = value))
  // The test has its result in hand when the script's first function is called.
  queueMicrotask(() => engine.start())
  const totals = (scenario = plan.scenarios[0]!.name) => {
    recorder.closeUpTo((Math.floor(clock.nowUs() / 1e6) + 1) * 1e6)
    return totalsOf(windows, scenario)
  }
  return { engine, clock, windows, scriptErrors, logLines, end, totals }
}

export function testRecorder(windows: WindowData[]): Recorder {
  const eventLoopDelay = new Histogram().encode()
  return new Recorder({
    worker: 0,
    onWindow: window => windows.push(window),
    generator: () => ({ cpuRatio: 0, eventLoopUtilization: 0, eventLoopDelay, memoryBytes: 0 }),
  })
}

function totalsOf(windows: readonly WindowData[], name: string): IterationTotals {
  const mine = windows.flatMap(window => window.scenarios.filter(one => one.scenario === name))
  const sum = (count: (one: (typeof mine)[number]) => number) =>
    mine.reduce((total, one) => total + count(one), 0)
  const drops: Record<string, number> = {}
  for (const one of mine) {
    for (const [reason, count] of Object.entries(one.drops)) {
      drops[reason] = (drops[reason] ?? 0) + count
    }
  }
  return {
    started: sum(one => one.iterationsStarted),
    completed: sum(one => one.iterationsCompleted),
    failed: sum(one => one.iterationsFailed),
    interrupted: sum(one => one.iterationsInterrupted),
    drops,
    users: mine.at(-1)?.users ?? 0,
  }
}
