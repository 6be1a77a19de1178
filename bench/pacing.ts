/**
 * How late iterations of the open model start, and what keeping time costs: an empty iteration at
 * 1,000, 5,000 and 20,000 starts a second, with the pacing thread and spinning.
 *
 *   node bench/pacing.ts [seconds per run, 5]
 *
 * Budget on a free core: start delay p99 at most 0.5 ms with the thread, 0.1 ms when spinning.
 */
import { loadavg } from 'node:os'
import { clockFrom, wallNowUnixMs } from '../src/base/index.ts'
import { createEngine } from '../src/engine/index.ts'
import {
  engineOptions,
  rateFor,
  testRecorder,
  type EngineSetup,
} from '../src/engine/testing/fixture.ts'
import { Histogram, type WindowData } from '../src/metrics/index.ts'

export interface PacingResult {
  readonly startsPerSecond: number
  readonly exact: boolean
  readonly started: number
  readonly drops: number
  readonly p50Us: number
  readonly p99Us: number
  readonly maxUs: number
  /** CPU seconds per second of the whole process: worker, pacing thread, garbage collection. */
  readonly cpuRatio: number
}

/**
 * Runs one rate for `seconds`; the first second is left out of the delays, the code is cold then.
 */
export async function measurePacing(
  startsPerSecond: number,
  exact: boolean,
  seconds: number,
): Promise<PacingResult> {
  const setup: EngineSetup = {
    plan: { exactPacing: exact },
    scenarios: [{ load: rateFor(startsPerSecond, seconds), iteration: async () => {} }],
  }
  const windows: WindowData[] = []
  const clock = clockFrom(wallNowUnixMs() + 300)
  const recorder = testRecorder(windows)
  const engine = createEngine(engineOptions(setup, { clock, recorder }))
  const cancel = everySecond(clock, () => recorder.closeUpTo(clock.nowUs()))
  engine.start()
  await new Promise<void>(resolve => clock.after(-clock.nowUs(), resolve))
  const before = process.cpuUsage()
  await engine.ended
  const used = process.cpuUsage(before)
  cancel()
  recorder.finish(clock.nowUs())
  const delays = new Histogram()
  for (const window of windows.slice(1)) {
    for (const one of window.scenarios) delays.merge(Histogram.decode(one.startDelay))
  }
  const all = windows.flatMap(window => window.scenarios)
  return {
    ...{ startsPerSecond, exact },
    started: all.reduce((sum, one) => sum + one.iterationsStarted, 0),
    drops: all.reduce((sum, one) => sum + Object.values(one.drops).reduce((a, b) => a + b, 0), 0),
    p50Us: delays.percentileUs(50),
    p99Us: delays.percentileUs(99),
    maxUs: delays.maxUs,
    cpuRatio: (used.user + used.system) / 1e6 / seconds,
  }
}

function everySecond(clock: ReturnType<typeof clockFrom>, call: () => void): () => void {
  let cancel = () => {}
  const again = () => {
    cancel = clock.after(1e6, () => {
      call()
      again()
    })
  }
  again()
  return () => cancel()
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 5)
  console.log(`load average ${loadavg()[0]?.toFixed(2)}`)
  console.log('starts/s  mode      started  drops  p50 ms  p99 ms  max ms  CPU')
  for (const exact of [false, true]) {
    for (const rate of [1_000, 5_000, 20_000]) {
      const one = await measurePacing(rate, exact, seconds)
      const ms = (us: number) => (us / 1000).toFixed(3).padStart(6)
      console.log(
        String(rate).padStart(8),
        exact ? ' spinning' : ' thread  ',
        String(one.started).padStart(7),
        String(one.drops).padStart(6),
        ` ${ms(one.p50Us)}  ${ms(one.p99Us)}  ${ms(one.maxUs)}`,
        ` ${(one.cpuRatio * 100).toFixed(0)} %`,
      )
    }
  }
}
