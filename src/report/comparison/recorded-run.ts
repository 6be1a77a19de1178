import {
  Histogram,
  type PackedHistogram,
  type RunSecond,
  type SeriesKind,
} from '../../metrics/index.ts'
import { sliceOf, type ComparedRun, type SliceSource } from '../../statistics/index.ts'
import { shownName } from '../figures.ts'

/** One run as far as a comparison needs it: who it is, and all its seconds. */
export interface RecordedRun {
  readonly id: string
  readonly script: string
  readonly startedAtUnixMs: number
  /** From run start, warm-up included. */
  readonly durationUs: number
  /** Declared warm-up, which no figure counts. */
  readonly warmUpUs: number
  readonly model: 'open' | 'closed' | 'mixed'
  readonly endState: 'finished' | 'aborted' | 'crashed' | 'running'
  /** Why its numbers do not speak of the target, whole sentences; empty for a valid run. */
  readonly invalidReasons: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly loadstoneVersion: string
  /** Machine that made the load; undefined when it was not recorded. */
  readonly host?: string | undefined
  /** Of the working directory, undefined outside a repository. */
  readonly commit?: string | undefined
  /** As they were measured: each covers one second. Holes count as seconds without anything. */
  readonly seconds: readonly RunSecond[]
}

/** Encoded histograms and failures of one second of one name. */
interface NameSecond {
  readonly histograms: Uint8Array[]
  count: number
  sumUs: number
  failures: number
}
/** By second from run start; seconds without exchanges are missing. */
type NameSeconds = (NameSecond | undefined)[]

/**
 * A run as statistics compares it: exchanges, steps and polls by name, all exchanges together, and
 * what was dropped. Failed exchanges count, with their latency. The declared warm-up and the last,
 * partial second are left out. With `other`, "all together" is the exchanges with names that both
 * have: a name that came or went would otherwise look like a change of the others.
 */
export function comparedRunOf(run: RecordedRun, other?: RecordedRun): ComparedRun {
  const counts = other === undefined ? () => true : isIn(other)
  const length = Math.max(0, ...run.seconds.map(({ index, seconds }) => index + seconds))
  const overall: NameSeconds = []
  const names = new Map<string, NameSeconds>()
  const scenarios = new Set(run.seconds.flatMap(second => second.scenarios.map(scenarioOf))).size
  for (const { index, series } of run.seconds) {
    for (const one of series) {
      const name = `${shownName(one, scenarios)}${suffixes[one.kind]}`
      const isOverall = one.kind === 'request' && counts(one)
      const { count, sumUs } = Histogram.headOf(one.latency)
      if (!names.has(name)) names.set(name, [])
      for (const list of [names.get(name)!, ...(isOverall ? [overall] : [])]) {
        const second = (list[index] ??= { histograms: [], count: 0, sumUs: 0, failures: 0 })
        second.histograms.push(one.latency)
        second.count += count
        second.sumUs += sumUs
        if (one.outcome === 'failed') second.failures += one.count
      }
    }
  }
  return {
    overall: sourceOf(overall, length),
    names: new Map([...names].map(([name, list]) => [name, sourceOf(list, length)])),
    drops: dropsOf(run.seconds, length),
    ...(run.model === 'closed' ? { closedUsers: usersOf(run.seconds) } : {}),
    part: partOf(run, length),
  }
}

const scenarioOf = ({ scenario }: { readonly scenario: string }) => scenario
const suffixes: Readonly<Record<SeriesKind, string>> = {
  request: '',
  step: ' (step)',
  poll: ' (poll)',
}

type Named = Pick<RunSecond['series'][number], 'scenario' | 'name' | 'kind'>

function isIn(run: RecordedRun): (one: Named) => boolean {
  const keyOf = ({ scenario, name, kind }: Named) => JSON.stringify([scenario, name, kind])
  const keys = new Set(run.seconds.flatMap(({ series }) => series.map(keyOf)))
  return one => keys.has(keyOf(one))
}

/** Histograms stay encoded until they are asked for: an hour of 50 names would fill the memory. */
function sourceOf(list: NameSeconds, seconds: number): SliceSource {
  return {
    seconds,
    merged(fromSecond, toSecond) {
      const part = list.slice(fromSecond, toSecond).filter(second => second !== undefined)
      const sumOf = (value: (second: NameSecond) => number) =>
        part.reduce((sum, second) => sum + value(second), 0)
      const count = sumOf(second => second.count)
      const meanUs = count === 0 ? NaN : sumOf(second => second.sumUs) / count
      const failures = sumOf(second => second.failures)
      return sliceOf({ count, failures, meanUs }, () => histogramOf(part))
    },
  }
}

/** Filled for one stretch after the other: making its pages takes longer than filling them. */
const scratch = new Histogram()

function histogramOf(part: readonly NameSecond[]): PackedHistogram {
  scratch.clear()
  for (const { histograms } of part) for (const bytes of histograms) scratch.mergeEncoded(bytes)
  return scratch.packed()
}

function dropsOf(seconds: readonly RunSecond[], length: number): number[] {
  const drops = Array<number>(length).fill(0)
  for (const { index, scenarios } of seconds) {
    const counts = scenarios.flatMap(one => Object.values(one.drops))
    drops[index]! += counts.reduce((sum, count) => sum + count, 0)
  }
  return drops
}

/** The most users there were at the end of a second. */
function usersOf(seconds: readonly RunSecond[]): number {
  const users = seconds.map(({ scenarios }) => scenarios.reduce((sum, one) => sum + one.users, 0))
  return Math.max(0, ...users)
}

function partOf({ warmUpUs, durationUs }: RecordedRun, length: number) {
  const fromSecond = Math.min(length, Math.ceil(warmUpUs / 1_000_000))
  const toSecond = Math.min(length, Math.floor(durationUs / 1_000_000))
  return { fromSecond, toSecond: Math.max(fromSecond, toSecond) }
}
