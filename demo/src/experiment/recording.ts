import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { FaultLabel } from '../faults/fault.ts'
import type { Damage } from './damage/damage.ts'
import type { LoadLevel, Stage } from './profile.ts'
import type { RecordedSeries } from './series/series-recorder.ts'
import type { TraceSkeletons } from './traces/skeletons.ts'
import type { EncodedWindows } from './windows/client-windows.ts'

/** 2: windows of each name, and damage in the label. */
export const formatVersion = 2

/** Something that happened at a time, besides the fault. */
export interface RecordedEvent {
  /** Since the start of the run. */
  readonly atMs: number
  /** 'SuccessfulRescale' as in Kubernetes' events, or 'Crash'. */
  readonly kind: string
  /** The service concerned; 'shop' for all of it. */
  readonly subject: string
  readonly text: string
}

/**
 * All that can be seen of one run from outside. Nothing in it tells the fault, its parameters or
 * its times: those are in the label. Times are ms (or µs, where the name says so) since the run
 * began.
 */
export interface Recording {
  readonly formatVersion: typeof formatVersion
  /** Processes and calls, as the shop's control port tells them. */
  readonly topology: unknown
  /** Undefined: the script's own load. */
  readonly profile?: {
    readonly name: string
    readonly load: LoadLevel
    readonly stages: readonly Stage[]
  }
  readonly clock: { readonly startedAtUnixMs: number }
  /** What clients saw of each name, by the window. */
  readonly windows: EncodedWindows
  /** Parts of the JSON summary: totals, and by name counts, failures with reasons, latency. */
  readonly load: Readonly<Record<string, unknown>>
  readonly series: RecordedSeries
  readonly traces: TraceSkeletons
  readonly events: readonly RecordedEvent[]
  /** Of the run; docs/errors.md explains it. */
  readonly exitCode: number
}

/** What was truly done to the shop: the answer, kept apart from the recording. */
export interface Label {
  readonly formatVersion: typeof formatVersion
  /** Of the load, the sample of traces, and the draw of parameters. */
  readonly seed: number
  /** Null: a healthy run. */
  readonly fault: null | {
    readonly name: string
    readonly family: string
    readonly parameters: Readonly<Record<string, number | string>>
    readonly label: FaultLabel
    /** Whether parameters were drawn. */
    readonly random: boolean
    /** When the shop was told, when it acted, when it was told to end it, when all was undone. */
    readonly askedAtMs: number
    readonly setAtMs: number
    readonly clearAskedAtMs: number
    readonly clearedAtMs: number
  }
  /** Undefined: there was no paired clean run, or the fault was never set. */
  readonly damage?: Damage & {
    /** Whether the load generator was on time; if not, the machine may have done the damage. */
    readonly generatorOnTime: Readonly<Record<'clean' | 'faulty', boolean>>
  }
  readonly versions: Readonly<Record<'loadstone' | 'shop' | 'node', string>>
}

export interface Written {
  readonly recordingFile: string
  readonly recordingBytes: number
  readonly labelFile: string
}

const recordingName = 'recording.json.gz'
const labelName = 'label.json'

/** Where the recording of the clean twin is, beside that of the fault. */
export const cleanFolder = (folder: string) => join(folder, 'clean')

/** Whether a folder holds a recording already. */
export async function holdsRecording(folder: string): Promise<boolean> {
  const found = await Promise.all(
    [recordingName, labelName].map(name =>
      stat(join(folder, name)).then(
        () => true,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
          throw error
        },
      ),
    ),
  )
  return found.includes(true)
}

export async function writeExperiment(
  folder: string,
  { recording, label }: { readonly recording: Recording; readonly label: Label },
): Promise<Written> {
  await mkdir(folder, { recursive: true })
  const bytes = await promisify(gzip)(JSON.stringify(recording), { level: 9 })
  const recordingFile = join(folder, recordingName)
  const labelFile = join(folder, labelName)
  await writeFile(recordingFile, bytes)
  await writeFile(labelFile, `${JSON.stringify(label, undefined, 2)}\n`)
  return { recordingFile, recordingBytes: bytes.length, labelFile }
}

/** Reads a recording; throws when it is of another version. */
export async function readRecording(folder: string): Promise<Recording> {
  const bytes = await readFile(join(folder, recordingName))
  const recording = JSON.parse((await promisify(gunzip)(bytes)).toString()) as Recording
  const found: number = recording.formatVersion
  if (found === formatVersion) return recording
  throw new Error(`${folder}: format ${found} is not ${formatVersion}`)
}

export async function readLabel(folder: string): Promise<Label> {
  return JSON.parse(await readFile(join(folder, labelName), 'utf8')) as Label
}
