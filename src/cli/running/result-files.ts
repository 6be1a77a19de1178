import { accessSync, appendFileSync, constants, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { deflateSync } from 'node:zlib'
import { messageOf, UsageError } from '../../base/index.ts'
import type { RunSummary } from '../../metrics/index.ts'
import {
  hdrLog,
  junitXml,
  locustCsv,
  markdownReport,
  percentileTable,
  summaryJson,
} from '../../report/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Environment } from '../options/read-flags.ts'

/** The flag, the path it names, and what belongs there. */
interface ResultFile {
  readonly flag: string
  readonly path: string
  readonly text: () => string
}

/** Refuses paths that cannot be written, before any load is made. */
export function checkResultFiles(flags: Flags): void {
  const paths = {
    json: flags.json,
    junit: flags.junit,
    markdown: flags.markdown,
    csv: flags.csv,
    hdr: flags.hdr,
  }
  for (const [flag, path] of Object.entries(paths)) {
    if (path === undefined) continue
    const why = whyNotWritable(resolve(path), flag === 'csv' || flag === 'hdr')
    if (why !== undefined) {
      throw new UsageError('RESULT_FILE', `--${flag}: ${path} cannot be written: ${why}`)
    }
  }
}

function whyNotWritable(path: string, isPrefix: boolean): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !isPrefix) {
    if (found.isDirectory()) return 'it is a folder'
    return isWritable(path) ? undefined : 'no permission'
  }
  const folder = dirname(path)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return `there is no folder ${folder}`
  }
  return isWritable(folder) ? undefined : `no permission to write in ${folder}`
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

export interface WriteOptions {
  readonly summary: RunSummary
  readonly flags: Flags
  readonly environment: Environment
}

/** Writes every file that was asked for; one that fails does not keep the others from it. */
export function writeResultFiles(options: WriteOptions): string[] {
  const { summary, environment } = options
  const faults = filesOf(options).flatMap(({ flag, path, text }) =>
    faultOf(`${flag}: ${path}`, () => writeFileSync(path, text())),
  )
  const stepSummary = environment['GITHUB_STEP_SUMMARY'] ?? ''
  if (stepSummary === '') return faults
  const append = () => appendFileSync(stepSummary, markdownReport(summary))
  return [...faults, ...faultOf(`GITHUB_STEP_SUMMARY: ${stepSummary}`, append)]
}

function faultOf(where: string, write: () => void): string[] {
  try {
    write()
    return []
  } catch (thrown) {
    return [`${where} could not be written: ${messageOf(thrown)}`]
  }
}

function filesOf({ summary, flags }: WriteOptions): ResultFile[] {
  const { json, junit, markdown, csv, hdr } = flags
  const files: ResultFile[] = []
  const add = (flag: string, path: string, text: () => string) => files.push({ flag, path, text })
  if (json !== undefined) add('--json', json, () => summaryJson(summary))
  if (junit !== undefined) add('--junit', junit, () => junitXml(summary))
  if (markdown !== undefined) add('--markdown', markdown, () => markdownReport(summary))
  if (csv !== undefined) {
    for (const { suffix, text } of locustCsv(summary)) add('--csv', `${csv}${suffix}`, () => text)
  }
  if (hdr !== undefined) {
    add('--hdr', `${hdr}.hgrm`, () => percentileTable(summary))
    add('--hdr', `${hdr}.hlog`, () => hdrLog(summary, deflateSync))
  }
  return files
}
