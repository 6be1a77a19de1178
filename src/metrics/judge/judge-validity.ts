import { formatDurationUs } from '../../base/index.ts'
import type { Histogram } from '../histogram.ts'
import type { Validity, WorkerLoad } from '../validity.ts'
import { busyCpuRatio, busyUtilization, type WorkerFigures } from './generator-load.ts'

/** Late starts below this are noise of any operating system. */
const startDelayFloorUs = 5_000
/** Beyond the floor a late start matters by what it adds to the latency. */
const startDelayShareOfP50 = 0.1
/** A loop that turns slower than this sees answers late. */
const loopDelayFloorUs = 10_000
const loopDelayShareOfP50 = 0.25
/** A pause of the generator is a blip up to this share of the measured windows... */
const blipShare = 0.1
/** ... and always when it touches fewer windows than this, unless it touches all. */
const blipWindows = 3
/** Standard normal quantile of a two-sided 95 % interval. */
const z95 = 1.96
/** A thread that was ready to run but got this much less CPU was kept waiting by other programs. */
const starvedShare = 0.75

export interface ValidityInput {
  /** Over the measured windows, scenarios of the open model only; empty in the closed model. */
  readonly startDelay: Histogram
  readonly eventLoopDelay: Histogram
  readonly workers: readonly WorkerFigures[]
  /** Latency of all exchanges, both outcomes. */
  readonly latency: Histogram
  readonly model: 'open' | 'closed' | 'mixed'
  /** Whether anything was measured at all: a sample, or an iteration that ended. */
  readonly measuredAnything: boolean
  /** Workers whose windows are missing from some moment on. */
  readonly lostWorkers: readonly number[]
  /** Whole sentences from elsewhere: data that ran out, say. */
  readonly otherReasons: readonly string[]
  readonly keptDropped: number
  /** Workers spin between starts, so a busy loop says nothing. @default false */
  readonly exactPacing?: boolean
}

/**
 * Whether the numbers speak of the target. They do not when the generator was late, busy or lost:
 *
 * - start delay p99 above 5 ms and above 10 % of the median latency (open model), surely so: the
 *   95 % interval of the share of late starts lies above 1 %, so two late starts of eighty are not
 *   enough,
 * - a worker's event loop busy for more than 85 % of the time, or its thread on CPU for more than
 *   95 % of a core, in a tenth of the measured windows or more (at least three, or all); not asked
 *   of workers that spin on purpose (exact pacing),
 * - event-loop delay p99 above 10 ms and above 25 % of the median latency, surely so as well,
 * - a worker lost, data run out, nothing measured.
 *
 * Kept samples that were dropped do not count: figures come from histograms, which are complete.
 */
export function judgeValidity(input: ValidityInput): Validity {
  const reasons = [
    ...nothingMeasured(input),
    ...lateStarts(input),
    ...(input.exactPacing === true ? [] : busyWorkers(input)),
    ...slowLoop(input),
    ...lostWorkers(input.lostWorkers),
    ...input.otherReasons,
  ]
  const loads = input.workers.map(
    ({ worker, cpuRatio, eventLoopUtilization, memoryBytes }): WorkerLoad => {
      return { worker, cpuRatio, eventLoopUtilization, memoryBytes }
    },
  )
  return {
    valid: reasons.length === 0,
    reasons,
    startDelay: input.startDelay,
    eventLoopDelay: input.eventLoopDelay,
    eventLoopUtilization: Math.max(0, ...loads.map(load => load.eventLoopUtilization)),
    workers: loads,
    keptDropped: input.keptDropped,
  }
}

function nothingMeasured({ measuredAnything }: ValidityInput): string[] {
  if (measuredAnything) return []
  return [
    'Nothing was measured: no exchange and no iteration ended in the measured part of the run. ' +
      'Let it run longer, shorten the warm-up, or check that the script makes requests.',
  ]
}

function lateStarts({ startDelay, latency }: ValidityInput): string[] {
  const limitUs = limitFor(latency, startDelayFloorUs, startDelayShareOfP50)
  if (!isP99Above(startDelay, limitUs)) return []
  const p99 = formatDurationUs(startDelay.percentileUs(99))
  return [
    `Iterations started late: start delay p99 was ${p99}, the limit is ` +
      `${formatDurationUs(limitUs)}. The generator could not start them when the schedule asked, ` +
      `so its own delay is in the latencies. Lower the rate, add workers (--workers), or leave ` +
      `the generator a core of its own.`,
  ]
}

function busyWorkers({ workers, model }: ValidityInput): string[] {
  const busy = workers.filter(
    one => isLasting(one.busyLoopWindows, one) || isLasting(one.busyCpuWindows, one),
  )
  const [worst] = [...busy].sort((a, b) => b.eventLoopUtilization - a.eventLoopUtilization)
  if (worst === undefined) return []
  const who = busy.length === 1 ? `Worker ${worst.worker} was` : `${busy.length} workers were`
  return [
    `${who} saturated: ${sawBusy(worst)}. Part of each latency is the generator's own waiting. ` +
      whatToDo(worst, model),
  ]
}

function sawBusy(worst: WorkerFigures): string {
  const loop = isLasting(worst.busyLoopWindows, worst)
  const windows = loop ? worst.busyLoopWindows : worst.busyCpuWindows
  const what = loop ? 'its event loop was busy' : 'its thread was on CPU'
  const limit = percent(loop ? busyUtilization : busyCpuRatio)
  const mean = percent(loop ? worst.eventLoopUtilization : worst.cpuRatio)
  return (
    `${what} ${mean} of the time, and above the limit of ${limit} in ` +
    `${windows} of ${worst.windows} seconds`
  )
}

function whatToDo(worst: WorkerFigures, model: ValidityInput['model']): string {
  if (worst.cpuRatio < worst.eventLoopUtilization * starvedShare) {
    return (
      `It got only ${percent(worst.cpuRatio)} of a core, so other programs on this machine took ` +
      `the rest: run the target elsewhere, or leave the generator a core of its own.`
    )
  }
  if (model === 'closed') {
    return (
      'Users without think time send as fast as the generator can: give them a think time, ' +
      'take fewer users, or add workers (--workers).'
    )
  }
  return 'Lower the load, or add workers (--workers).'
}

function slowLoop({ eventLoopDelay, latency }: ValidityInput): string[] {
  const limitUs = limitFor(latency, loopDelayFloorUs, loopDelayShareOfP50)
  if (!isP99Above(eventLoopDelay, limitUs)) return []
  const p99 = formatDurationUs(eventLoopDelay.percentileUs(99))
  return [
    `Answers were seen late: event-loop delay p99 was ${p99}, the limit is ` +
      `${formatDurationUs(limitUs)}. Look for long computations in the script, take fewer users ` +
      `a worker, or add workers (--workers).`,
  ]
}

function lostWorkers(lost: readonly number[]): string[] {
  if (lost.length === 0) return []
  const which = lost.length === 1 ? `Worker ${lost[0]} was` : `Workers ${lost.join(', ')} were`
  return [
    `${which} lost during the run: from then on the load was lower than planned. What had ` +
      `been measured is included. Look for the cause in the log, then run again.`,
  ]
}

function isLasting(badWindows: number, { windows }: WorkerFigures): boolean {
  if (badWindows === 0) return false
  return badWindows === windows || badWindows >= Math.max(blipWindows, windows * blipShare)
}

/**
 * Whether more than 1 % of what the values are drawn from lie above the limit: the lower end of the
 * Wilson interval of the share seen does. Source: E. B. Wilson, JASA 22 (1927), 209-212.
 */
function isP99Above(values: Histogram, limitUs: number): boolean {
  const { count } = values
  if (count === 0) return false
  let above = 0
  for (const bucket of values.buckets()) if (bucket.valueUs > limitUs) above += bucket.count
  const share = above / count
  const centre = share + z95 ** 2 / (2 * count)
  const half = z95 * Math.sqrt((share * (1 - share)) / count + z95 ** 2 / (4 * count ** 2))
  return (centre - half) / (1 + z95 ** 2 / count) > 0.01
}

function limitFor(latency: Histogram, floorUs: number, shareOfP50: number): number {
  return latency.count === 0 ? floorUs : Math.max(floorUs, latency.percentileUs(50) * shareOfP50)
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`
}
