import { dirname } from 'node:path'
import {
  clockFromNow,
  exitCodes,
  formatDurationUs,
  logTo,
  type ExitCode,
} from '../../base/index.ts'
import { createEngine, runSetup, runTeardown } from '../../engine/index.ts'
import { Recorder, type Sample, type SeriesKind } from '../../metrics/index.ts'
import type { ScenarioPlan, TestPlan } from '../../plan/index.ts'
import type { Flags } from '../options/flags.ts'
import { newRunId } from '../running/run-id.ts'
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
  const { output, interruption } = surroundings
  const log = logTo((level, text) => output.line(`    ${level}: ${text}`), flags.logLevel ?? 'info')
  const errors: string[] = []
  const around = {
    plan: prepared.plan,
    runId: newRunId(surroundings.clock.nowUnixMs()),
    script: prepared.script,
    scriptFolder: dirname(prepared.bundle.scriptPath),
    log,
  }
  const note = (message: string) => {
    errors.push(message)
    output.line(`  ${output.colors.red('✗')} script error: ${message}`)
  }
  const setup = await runSetup({ ...around, clock: clockFromNow() })
  for (const scenario of prepared.plan.scenarios) {
    output.line(`one iteration of ${scenario.name}`)
    const clock = clockFromNow()
    const recorder = new ExchangePrinter(output)
    const engine = createEngine({
      ...around,
      plan: onceOnly(prepared.plan, scenario),
      share: { index: 0, count: 1 },
      data: prepared.data,
      clock,
      recorder,
      setup,
      onScriptError: (_scenario, message) => note(message),
    })
    engine.start()
    await interruption.during(
      times => engine.stop(times === 1 ? 'graceful' : 'now'),
      () => engine.ended,
    )
    if (recorder.exchanges === 0) output.line('  it made no request')
    if (interruption.asked) return exitCodes.aborted
  }
  await runTeardown({ ...around, clock: clockFromNow() }, setup)
  return errors.length === 0 ? exitCodes.pass : exitCodes.script
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
