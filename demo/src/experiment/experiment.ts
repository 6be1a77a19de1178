import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultEntry } from '../faults/board.ts'
import { ControlClient } from './control-client.ts'
import { LoadRun, type LoadFiles } from './load-run.ts'
import type { ExperimentOptions, PlannedFault } from './options.ts'
import { stageFlags, stagesOf } from './profile.ts'
import { formatVersion, type Label, type Recording, type RecordedEvent } from './recording.ts'
import { RunningShop } from './running-shop.ts'
import { Scraper } from './series/scraper.ts'
import { SeriesRecorder } from './series/series-recorder.ts'
import { encodeTraces } from './traces/skeletons.ts'
import { TraceReceiver } from './traces/trace-receiver.ts'
import { TraceSample } from './traces/trace-sample.ts'
import { encodeWindows, windowsOf, type ClientWindow } from './windows/client-windows.ts'

const shopLoad = fileURLToPath(new URL('./load/shop-load.ts', import.meta.url))

/** What a recording holds of the traces: about 300, in some 100 kB. */
const traceLimits = { tracesMax: 300, spansMax: 6_000, heldSpansMax: 200_000 }

export interface Surroundings {
  /** Ends everything; conduct() rejects then. */
  readonly signal: AbortSignal
  readonly environment: NodeJS.ProcessEnv
  readonly say: (line: string) => void
}

export interface Conducted {
  readonly recording: Recording
  readonly label: Label
  /** What clients saw, by the second. */
  readonly seconds: readonly ClientWindow[]
  /** What is missing in the recording, one sentence each. */
  readonly gaps: readonly string[]
}

/** What was seen of one run, before it is written small. */
interface Observed {
  readonly topology: unknown
  readonly files: LoadFiles
  readonly exitCode: number
  readonly recorder: SeriesRecorder
  readonly fault: SetFault | undefined
  readonly events: readonly Omit<TimedEvent, 'atMs'>[]
}

type TimedEvent = RecordedEvent & { readonly atUnixMs: number }

interface SetFault {
  readonly entry: FaultEntry
  readonly askedAtUnixMs: number
  readonly clearAskedAtUnixMs: number
}

/** Runs one experiment from the start of a shop to its end. Leaves no process and no file. */
export async function conduct(
  options: ExperimentOptions,
  surroundings: Surroundings,
): Promise<Conducted> {
  const sample = new TraceSample(options.seed, traceLimits)
  const receiver = await TraceReceiver.start(span => sample.add(span))
  const folder = await mkdtemp(join(tmpdir(), 'shop-experiment-'))
  try {
    surroundings.say('starting the shop')
    const shop = await RunningShop.start({
      args: shopArguments(options, receiver.url),
      environment: shopEnvironment(surroundings.environment),
      signal: surroundings.signal,
    })
    const observed = await observe(shop, { options, surroundings, folder }).finally(() => {
      surroundings.say('stopping the shop')
      // The services send their last traces as they end.
      return shop.stop()
    })
    const gaps = [...receiver.refused].map(([why, count]) => `${count} trace requests: ${why}`)
    return { ...(await assembled(options, observed, sample)), gaps }
  } finally {
    await receiver.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function observe(
  shop: RunningShop,
  by: {
    readonly options: ExperimentOptions
    readonly surroundings: Surroundings
    readonly folder: string
  },
): Promise<Observed> {
  const { options, surroundings, folder } = by
  const { signal, say } = surroundings
  const control = new ControlClient(shop.ready.controlUrl)
  const topology = await control.topology()
  const recorder = new SeriesRecorder()
  const { scrapeIntervalMs: intervalMs } = options
  const scraper = new Scraper({ targets: () => control.targets(), intervalMs, recorder })
  say(`loading ${shop.ready.url} for ${options.seconds} s`)
  const load = new LoadRun({
    args: loadArguments(options, shop.ready.url),
    folder,
    environment: loadEnvironment(surroundings.environment, options),
  })
  const crashes: Omit<TimedEvent, 'atMs'>[] = []
  void shop.crashed.then(text => {
    crashes.push({ atUnixMs: Date.now(), kind: 'Crash', subject: 'shop', text })
    load.interrupt()
  })
  const hasCrashed = () => crashes.length > 0
  const kill = () => void load.kill()
  signal.addEventListener('abort', kill, { once: true })
  try {
    const fault =
      options.fault && (await withFault(options.fault, { control, load, options, say, hasCrashed }))
    const exitCode = await load.ended
    signal.throwIfAborted()
    if (exitCode === null || noMeasurement.includes(exitCode)) {
      throw new Error(`the load run ended with exit code ${exitCode}:\n${load.output}`)
    }
    await scraper.stop()
    const rescales = hasCrashed() ? [] : await rescalesOf(control)
    const events = [...rescales, ...crashes]
    return { topology, files: await load.files(), exitCode, recorder, fault, events }
  } finally {
    signal.removeEventListener('abort', kill)
    await load.kill()
    await scraper.stop()
  }
}

/** Exit codes of a run that measured nothing: a bug, wrong usage, an error in the script. */
const noMeasurement = [1, 2, 107]

/** Sets the fault at its time and clears it again, at the latest when the run is over. */
async function withFault(
  fault: PlannedFault,
  by: {
    readonly control: ControlClient
    readonly load: LoadRun
    readonly options: ExperimentOptions
    readonly say: (line: string) => void
    /** A shop that is gone has nothing to clear. */
    readonly hasCrashed: () => boolean
  },
): Promise<SetFault | undefined> {
  const { control, load, options, say } = by
  const over = new AbortController()
  void load.ended.then(() => over.abort())
  await load.began
  if (!(await pause(fault.atSeconds, over.signal))) return undefined
  const askedAtUnixMs = Date.now()
  const entry = await control.setFault(withPid(fault, load.pid), options.seed)
  say(`${fault.name} is set`)
  await pause(fault.forSeconds, over.signal)
  const clearAskedAtUnixMs = Date.now()
  const set = { entry, askedAtUnixMs, clearAskedAtUnixMs }
  if (by.hasCrashed()) return set
  const cleared = await control.clearFault(fault.name)
  say(`${fault.name} is cleared`)
  return { ...set, entry: cleared }
}

/** The shop cannot know the process that loads it. */
function withPid(fault: PlannedFault, pid: number | undefined): PlannedFault {
  if (fault.name !== 'weak-generator' || pid === undefined) return fault
  return { ...fault, parameters: { pid: String(pid), ...fault.parameters } }
}

/** Whether the time passed before the signal came. */
async function pause(seconds: number, signal: AbortSignal): Promise<boolean> {
  return sleep(seconds * 1_000, true, { signal }).catch((error: unknown) => {
    if (signal.aborted) return false
    throw error
  })
}

async function rescalesOf(control: ControlClient): Promise<Omit<TimedEvent, 'atMs'>[]> {
  const autoscalers = (await control.targets()).filter(
    target => target.labels['shop_kind'] === 'autoscaler',
  )
  const lists = autoscalers.map(async ({ url }) => {
    const list = (await (await fetch(new URL('/events', url))).json()) as {
      readonly items: readonly {
        readonly firstTimestamp: string
        readonly reason: string
        readonly message: string
        readonly involvedObject: { readonly name: string }
      }[]
    }
    return list.items.map(({ firstTimestamp, reason, message, involvedObject }) => {
      const atUnixMs = Date.parse(firstTimestamp)
      return { atUnixMs, kind: reason, subject: involvedObject.name, text: message }
    })
  })
  return (await Promise.all(lists)).flat()
}

async function assembled(
  options: ExperimentOptions,
  observed: Observed,
  sample: TraceSample,
): Promise<Omit<Conducted, 'gaps'>> {
  const { topology, files, exitCode, recorder, fault, events } = observed
  const { summary } = files
  const startedAtUnixMs = Date.parse(summary.run.startedAt)
  const { profile, seconds, scrapeIntervalMs, windowSeconds, seed } = options
  const { run, totals, requests, steps, polls, scenarios, validity, warnings } = summary
  const { model, durationMs, endState, endReason, workers } = run as Record<string, unknown>
  const recording: Recording = {
    formatVersion,
    topology,
    ...(profile && {
      profile: { ...profile, stages: stagesOf(profile.name, { seconds, load: profile.load }) },
    }),
    clock: { startedAtUnixMs },
    windows: encodeWindows(windowsOf(files.seconds, { windowSeconds }), { windowSeconds }),
    load: {
      run: { model, durationMs, endState, endReason, workers },
      ...{ totals, requests, steps, polls, scenarios, validity, warnings },
    },
    series: recorder.encoded({ startedAtUnixMs, scrapeIntervalMs }),
    traces: encodeTraces(sample.result(), startedAtUnixMs),
    events: events.map(({ atUnixMs, kind, subject, text }) => ({
      ...{ atMs: atUnixMs - startedAtUnixMs, kind, subject, text },
    })),
    exitCode,
  }
  const versions = {
    loadstone: run.loadstoneVersion,
    shop: await shopVersion(),
    node: process.version,
  }
  const label: Label = {
    ...{ formatVersion, seed, versions },
    fault: fault && options.fault ? labelled(fault, options.fault, startedAtUnixMs) : null,
  }
  return { recording, label, seconds: windowsOf(files.seconds, { windowSeconds: 1 }) }
}

function labelled(
  { entry, askedAtUnixMs, clearAskedAtUnixMs }: SetFault,
  { random }: PlannedFault,
  startedAtUnixMs: number,
): Label['fault'] {
  const { name, family, parameters, label, setAt, clearedAt } = entry
  return {
    ...{ name, family, parameters, label, random },
    askedAtMs: askedAtUnixMs - startedAtUnixMs,
    setAtMs: Date.parse(setAt) - startedAtUnixMs,
    clearAskedAtMs: clearAskedAtUnixMs - startedAtUnixMs,
    // The crash of the shop ended it.
    clearedAtMs: (clearedAt ? Date.parse(clearedAt) : clearAskedAtUnixMs) - startedAtUnixMs,
  }
}

async function shopVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

function shopArguments(options: ExperimentOptions, otlpUrl: string): string[] {
  const { mesh, replicas, autoscale, sampleRatio } = options
  return [
    ...['--port', '0', '--control-port', '0', '--otlp', otlpUrl],
    ...['--sample-ratio', String(sampleRatio), '--network-delay', '1'],
    ...(mesh ? ['--mesh'] : []),
    ...replicas.flatMap(one => ['--replicas', one]),
    ...autoscale.flatMap(one => ['--autoscale', one]),
  ]
}

function loadArguments(options: ExperimentOptions, url: string): string[] {
  const { script, seed, profile, seconds } = options
  const load = profile
    ? stageFlags(stagesOf(profile.name, { seconds, load: profile.load }), profile.load)
    : ['--duration', `${seconds}s`]
  const path = script ?? shopLoad
  return [path, '--host', url, '--seed', String(seed), '--stop-timeout', '5s', ...load]
}

/** Only flags decide over the shop, whatever is set around it; a database of one's own may be. */
function shopEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return without(environment, /^(OTEL_|SHOP_(?!DATABASE_URL$))/)
}

function loadEnvironment(
  environment: NodeJS.ProcessEnv,
  { sampleRatio }: ExperimentOptions,
): NodeJS.ProcessEnv {
  const kept = without(environment, /^(LOADSTONE_|GITHUB_STEP_SUMMARY$|NODE_OPTIONS$)/)
  return { ...kept, SHOP_SAMPLE_RATIO: String(sampleRatio) }
}

function without(environment: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.test(name)))
}
