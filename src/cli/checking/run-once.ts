import { dirname } from 'node:path'
import {
  clockFromNow,
  exitCodes,
  formatDurationUs,
  InternalError,
  logTo,
  type ExitCode,
} from '../../base/index.ts'
import { createEngine, runSetup, runTeardown, type AroundRunOptions } from '../../engine/index.ts'
import { Recorder, type Sample, type SeriesKind } from '../../metrics/index.ts'
import { refusalOf, type DataRows, type ScenarioPlan, type TestPlan } from '../../plan/index.ts'
import type { Flags } from '../options/flags.ts'
import { newRunId } from '../storing/run-id.ts'
import type { PreparedRun } from '../running/prepare-run.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Output } from '../terminal/output.ts'

/** A single iteration that takes longer is cut off. */
const limitUs = 60_000_000

export interface OnceOptions {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/**
 * Runs one iteration of each scenario, one after the other, and prints every exchange as it ends.
 * Failed exchanges are shown and counted; only an error of the script changes the exit code.
 */
export async function runOnce(
  prepared: PreparedRun,
  { flags, surroundings }: OnceOptions,
): Promise<ExitCode> {
  const { output } = surroundings
  const log = logTo((level, text) => output.line(`    ${level}: ${text}`), flags.logLevel ?? 'info')
  const dry: DryRun = {
    plan: prepared.plan,
    runId: newRunId(surroundings.clock.nowUnixMs()),
    script: prepared.script,
    scriptFolder: dirname(prepared.bundle.scriptPath),
    log,
    errors: 0,
    refusedHost: undefined,
    onHostRefused: host => {
      dry.refusedHost ??= host
    },
    told: message => {
      dry.errors += 1
      output.line(`  ${output.colors.red('✗')} script error: ${message}`)
    },
  }
  const setup = await outside(dry, () => runSetup({ ...dry, clock: clockFromNow() }))
  if (dry.errors > 0) return exitOf(dry, surroundings)
  for (const scenario of prepared.plan.scenarios) {
    if (dry.refusedHost !== undefined) break
    output.line(`one iteration of ${scenario.name}`)
    await iterationOf({ scenario, dry, setup, data: prepared.data, surroundings })
    if (surroundings.interruption.asked) break
  }
  await outside(dry, () => runTeardown({ ...dry, clock: clockFromNow() }, setup))
  return exitOf(dry, surroundings)
}

function exitOf(dry: DryRun, { output, interruption }: Surroundings): ExitCode {
  if (dry.refusedHost !== undefined) {
    output.note(`error: ${refusalOf(dry.refusedHost)}`)
    return exitCodes.guard
  }
  if (interruption.asked) return exitCodes.aborted
  return dry.errors === 0 ? exitCodes.pass : exitCodes.script
}

interface DryRun extends Omit<AroundRunOptions, 'clock'> {
  errors: number
  refusedHost: string | undefined
  readonly told: (message: string) => void
}

/** setup or teardown: what it throws is told as the script's. */
async function outside<T>(dry: DryRun, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof InternalError) throw thrown
    dry.told(dry.script.describeError(thrown))
    return undefined
  }
}

interface IterationOptions {
  readonly scenario: ScenarioPlan
  readonly dry: DryRun
  readonly setup: unknown
  readonly data: readonly DataRows[]
  readonly surroundings: Surroundings
}

async function iterationOf(options: IterationOptions): Promise<void> {
  const { scenario, dry, setup, data, surroundings } = options
  const recorder = new ExchangePrinter(surroundings.output)
  const engine = createEngine({
    ...dry,
    plan: onceOnly(dry.plan, scenario),
    share: { index: 0, count: 1 },
    data,
    clock: clockFromNow(),
    recorder,
    setup,
    onScriptError: (_scenario, message) => dry.told(message),
  })
  engine.start()
  await surroundings.interruption.during(
    times => engine.stop(times === 1 ? 'graceful' : 'now'),
    () => engine.ended,
  )
  if (recorder.exchanges === 0) surroundings.output.line('  it made no request')
}

function onceOnly(plan: TestPlan, scenario: ScenarioPlan): TestPlan {
  const load = { kind: 'iterations', iterations: 1, users: 1, maxDurationUs: limitUs } as const
  return { ...plan, workers: 1, scenarios: [{ ...scenario, load }] }
}

/** A recorder that says what it records. */
class ExchangePrinter extends Recorder {
  readonly #output: Output
  readonly #names = new Map<number, string>()
  exchanges = 0

  constructor(output: Output) {
    super({
      worker: 0,
      onWindow: () => {},
      generator: () => ({
        cpuRatio: 0,
        eventLoopUtilization: 0,
        eventLoopDelay: new Uint8Array(),
        memoryBytes: 0,
      }),
    })
    this.#output = output
  }

  override series(kind: SeriesKind, scenario: string, name: string): number {
    const id = super.series(kind, scenario, name)
    this.#names.set(id, kind === 'request' ? name : `${kind} "${name}"`)
    return id
  }

  override record(sample: Sample): void {
    super.record(sample)
    const { green, red } = this.#output.colors
    const ok = sample.failure === undefined
    const took = formatDurationUs(sample.endedAtUs - sample.startedAtUs)
    const status = sample.status === 0 ? '–' : String(sample.status)
    const name = this.#names.get(sample.seriesId) ?? ''
    this.exchanges += 1
    this.#output.line(
      `  ${ok ? green('✓') : red('✗')} ${status.padEnd(4)}${name}  ${took}` +
        (ok ? '' : `  ${red(sample.failure ?? '')}`),
    )
  }
}
