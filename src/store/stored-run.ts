import type {
  BaselineVerdict,
  Mark,
  RunFacts,
  RunSecond,
  RunSummary,
  ScenarioModel,
  ScriptErrorCount,
  ThresholdResult,
  Validity,
  WindowData,
} from '../metrics/index.ts'
import type { TestPlan } from '../plan/index.ts'

export type { Mark }

/** Where and with what a run was made. */
export interface RunEnvironment {
  readonly loadstoneVersion: string
  readonly nodeVersion: string
  /** 'linux x64 6.1.0'. */
  readonly system: string
  readonly host: string
  readonly cpuModel: string
  readonly cores: number
  readonly memoryBytes: number
  /** Of the working directory; absent outside a repository. */
  readonly git?: { readonly commit: string; readonly branch: string; readonly dirty: boolean }
}

/** What is known when a run begins. */
export interface NewRun {
  readonly id: string
  /** Of the command, until the writer's `started` is told the moment that is 0 µs. */
  readonly startedAtUnixMs: number
  /** Stored without what may be secret: values of its environment, keys, passwords, tokens. */
  readonly plan: TestPlan
  readonly scenarios: readonly ScenarioModel[]
  readonly environment: RunEnvironment
}

/** The figures of a Validity, for a page that is shown before any second is read. */
export type GeneratorLoad = Pick<Validity, 'eventLoopUtilization' | 'workers' | 'keptDropped'>

/** How a run ended. */
export interface StoredEnd {
  readonly facts: RunFacts
  /** 'pass', 'thresholds' ...: how decideExit judged it. */
  readonly verdict: string
  readonly thresholds: readonly ThresholdResult[]
  readonly valid: boolean
  readonly invalidReasons: readonly string[]
  /** How busy the generator was; absent when an older Loadstone wrote it: `summary` has it. */
  readonly generator?: GeneratorLoad
  readonly warnings: readonly string[]
  readonly scriptErrors: readonly ScriptErrorCount[]
  readonly baseline?: BaselineVerdict
  /** Encoded histogram of all measured requests. */
  readonly latency: Uint8Array
}

/**
 * 'crashed' is also a run that said no end and whose process is gone, or wrote nothing for five
 * minutes: it was killed.
 */
export type RunState = 'running' | 'finished' | 'aborted' | 'crashed'

/** One run of the store, without its seconds. */
export interface StoredRun extends NewRun {
  readonly state: RunState
  /** Absent while it runs, and when it was killed. */
  readonly end?: StoredEnd
  readonly marks: readonly Mark[]
  /** Of the measured part (warm-up left out), so far. */
  readonly requests: number
  readonly failures: number
  readonly drops: number
  /** When the last second was written. */
  readonly writtenAtUnixMs: number
  /** Seconds from run start that are stored. */
  readonly seconds: number
  /** Bytes of its seconds in the store. */
  readonly storedBytes: number
}

export interface RunFilter {
  /** Runs that have all of these tags. */
  readonly tags?: Readonly<Record<string, string>>
  /** The newest so many. */
  readonly limit?: number
}

export interface PruneLimits {
  /** Runs that began before are deleted. */
  readonly startedBeforeUnixMs?: number
  /** The oldest are deleted until the rest has at most so many bytes of seconds. */
  readonly storedBytesMax?: number
}

/** Seconds that are stored merged into one, so that a long run is quick to look at. */
export type Span = 1 | 10 | 60

/** Which seconds of a run. */
export interface SecondsWanted {
  /** @default 0 */
  readonly from?: number
  /** The first that is not wanted any more. @default all */
  readonly to?: number
  /** @default 1 */
  readonly span?: Span
}

/** A second, or a span of them, as it lies in the store: decoded only when someone looks. */
export interface StoredSecond {
  /** Its index, or before it: where its span begins. */
  readonly first: number
  /** The bytes of `encodeSecond`. */
  encoded(): Uint8Array
  decoded(): RunSecond
}

/** A run that is being written. The run never waits for it. */
export interface RunWriter {
  /** The moment that is 0 µs of the run is known. */
  started(startAtUnixMs: number): void
  /** Takes a second at once and writes it soon. Never throws. */
  append(second: RunSecond): void
  /** What one worker delivered of a second after that was appended, or left out. Never throws. */
  amend(window: WindowData): void
  mark(mark: Mark): void
  /** Writes what is left and how the run ended; gives up after ten seconds. Never rejects. */
  end(summary: RunSummary, verdict: string): Promise<void>
}

/** Runs that stay. One process writes a run; any number may read and write others meanwhile. */
export interface RunStore {
  /**
   * `onTrouble` is told once, in words, when the store cannot be written, and once more at the end
   * when something is missing.
   */
  begin(run: NewRun, onTrouble: (message: string) => void): Promise<RunWriter>
  /** The newest first. */
  runs(filter?: RunFilter): Promise<StoredRun[]>
  /**
   * The run with this id, a unique beginning of it, or 'last'. Throws a UsageError that lists what
   * there is when none or several match.
   */
  find(which: string): Promise<StoredRun>
  /**
   * Seconds of [from, to) in order, read as they are taken; each covers `span` seconds from a
   * multiple of it on, less where the stretch or the run begins or ends within. Merged seconds hold
   * the samples most worth a look, at most 50 in a span.
   */
  eachSecond(id: string, wanted?: SecondsWanted): AsyncIterable<StoredSecond>
  /** The same as a list. */
  seconds(id: string, wanted?: SecondsWanted): Promise<RunSecond[]>
  /** Everything the run measured, made again from its seconds. */
  summary(id: string): Promise<RunSummary>
  /** Returns how many of them there were. */
  delete(ids: readonly string[]): Promise<number>
  /** Deletes runs beyond the limits, never one that is running; returns their ids. */
  prune(limits: PruneLimits): Promise<string[]>
  close(): Promise<void>
}
