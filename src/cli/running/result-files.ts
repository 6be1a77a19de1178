import { accessSync, appendFileSync, constants, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf, UsageError, type ExitName } from '../../base/index.ts'
import type { RunSummary } from '../../metrics/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Environment } from '../options/read-flags.ts'
import { renderCsv, renderHdr, renderJson, renderJunit, renderMarkdown } from './renderers.ts'

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
  readonly verdict: ExitName
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
  const append = () => appendFileSync(stepSummary, renderMarkdown(summary, options.verdict))
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

function filesOf({ summary, verdict, flags }: WriteOptions): ResultFile[] {
  const files: ResultFile[] = []
  const add = (flag: string, path: string | undefined, text: () => string) => {
    if (path !== undefined) files.push({ flag, path, text })
  }
  add('--json', flags.json, () => renderJson(summary, verdict))
  add('--junit', flags.junit, () => renderJunit(summary))
  add('--markdown', flags.markdown, () => renderMarkdown(summary, verdict))
  if (flags.csv !== undefined) {
    for (const [ending, text] of renderCsv(summary)) {
      add('--csv', `${flags.csv}${ending}`, () => text)
    }
  }
  if (flags.hdr !== undefined) {
    for (const [ending, text] of renderHdr(summary)) {
      add('--hdr', `${flags.hdr}${ending}`, () => text)
    }
  }
  return files
}
