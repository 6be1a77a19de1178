import { accessSync, appendFileSync, constants, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { deflateSync } from 'node:zlib'
import { messageOf, UsageError } from '../../base/index.ts'
import type { RunSummary } from '../../metrics/index.ts'
import {
  type ComparisonReport,
  hdrLog,
  junitXml,
  locustCsv,
  markdownReport,
  percentileTable,
  summaryJson,
} from '../../report/index.ts'
import { readTemplate } from '../html/template.ts'
import type { Flags } from '../options/flags.ts'
import type { Environment } from '../options/read-flags.ts'

/** The flag, the path it names (undefined when it was not given), and what belongs there. */
export interface ResultFile {
  readonly flag: string
  readonly path: string | undefined
  readonly text: () => string
}

/** Refuses paths that cannot be written, before any load is made; so is HTML without a template. */
export function checkResultFiles(flags: Flags): void {
  const paths = {
    json: flags.json,
    html: flags.html,
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
  if (flags.html !== undefined) readTemplate()
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
  readonly comparison?: ComparisonReport | undefined
  readonly flags: Flags
  /** Text of the HTML report, needed with `--html`. */
  readonly html?: (() => string) | undefined
  readonly environment: Environment
}

/** Writes every file that was asked for; one that fails does not keep the others from it. */
export function writeResultFiles(options: WriteOptions): string[] {
  const { summary, comparison, environment } = options
  const markdown = () => markdownReport(summary, comparison)
  return [...writeFiles(filesOf(options)), ...writeStepSummary(markdown, environment)]
}

/** Writes those that have a path; what went wrong with each that could not be written. */
export function writeFiles(files: readonly ResultFile[]): string[] {
  return files.flatMap(({ flag, path, text }) =>
    path === undefined ? [] : faultOf(`${flag}: ${path}`, () => writeFileSync(path, text())),
  )
}

/** Appends to the summary of a step of GitHub Actions, where there is one. */
export function writeStepSummary(markdown: () => string, environment: Environment): string[] {
  const path = environment['GITHUB_STEP_SUMMARY'] ?? ''
  if (path === '') return []
  return faultOf(`GITHUB_STEP_SUMMARY: ${path}`, () => appendFileSync(path, markdown()))
}

function faultOf(where: string, write: () => void): string[] {
  try {
    write()
    return []
  } catch (thrown) {
    return [`${where} could not be written: ${messageOf(thrown)}`]
  }
}

function filesOf({ summary, comparison, flags, html }: WriteOptions): ResultFile[] {
  const { json, junit, markdown, csv, hdr } = flags
  const files: ResultFile[] = []
  const add = (flag: string, path: string, text: () => string) => files.push({ flag, path, text })
  if (json !== undefined) add('--json', json, () => summaryJson(summary, comparison))
  if (flags.html !== undefined && html !== undefined) add('--html', flags.html, html)
  if (junit !== undefined) add('--junit', junit, () => junitXml(summary, comparison))
  if (markdown !== undefined) add('--markdown', markdown, () => markdownReport(summary, comparison))
  if (csv !== undefined) {
    for (const { suffix, text } of locustCsv(summary)) add('--csv', `${csv}${suffix}`, () => text)
  }
  if (hdr !== undefined) {
    add('--hdr', `${hdr}.hgrm`, () => percentileTable(summary))
    add('--hdr', `${hdr}.hlog`, () => hdrLog(summary, deflateSync))
  }
  return files
}
