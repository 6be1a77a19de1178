import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSeconds } from './windows/run-store.ts'
import type { StoredSecond } from './windows/second-bytes.ts'

const loadstone = fileURLToPath(new URL('../../../src/cli/bin.js', import.meta.url))

export interface LoadFiles {
  readonly summary: LoadSummary
  readonly seconds: readonly StoredSecond[]
}

/** What is read of the summary; the rest is passed on as it is. */
export interface LoadSummary {
  readonly run: { readonly startedAt: string; readonly loadstoneVersion: string }
  readonly [part: string]: unknown
}

/** One run of the command line as a process of its own, from its start to its files. */
export class LoadRun {
  /** Resolves when the load begins; when the process ends before that, too. */
  readonly began: Promise<void>
  /** Resolves with the exit code; null when it was killed. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  readonly #folder: string
  #output = ''

  constructor(options: {
    readonly args: readonly string[]
    /** Where its files go. */
    readonly folder: string
    readonly environment: NodeJS.ProcessEnv
  }) {
    const { folder } = options
    this.#folder = folder
    const files = ['--json', join(folder, summaryFile), '--store', join(folder, storeFile)]
    const child = spawn(process.execPath, [loadstone, 'run', ...options.args, ...files], {
      env: { ...options.environment, NO_COLOR: '1', CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.ended = new Promise(resolve => child.once('close', code => resolve(code)))
    this.began = new Promise(resolve => {
      const read = (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-outputCharactersMax)
        if (/^running$/m.test(this.#output)) resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      void this.ended.then(() => resolve())
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The last it wrote, errors included. */
  get output(): string {
    return this.#output.trim()
  }

  /** It ends early, and what it measured is written. */
  interrupt(): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGINT')
  }

  /** What it measured is not wanted: it ends at once. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL')
    await this.ended
  }

  /** What it wrote; throws when there is nothing to read. */
  async files(): Promise<LoadFiles> {
    const summary = await readFile(join(this.#folder, summaryFile), 'utf8')
    return {
      summary: JSON.parse(summary) as LoadSummary,
      seconds: readSeconds(join(this.#folder, storeFile)),
    }
  }
}

const summaryFile = 'summary.json'
const storeFile = 'runs.db'
const outputCharactersMax = 20_000
