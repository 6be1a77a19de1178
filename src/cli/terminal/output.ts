import { createColors } from 'picocolors'
import type { Environment } from '../options/read-flags.ts'
import { withoutCommands } from './without-commands.ts'

type Colors = ReturnType<typeof createColors>

/** Both output streams, and what is known about the terminal behind them. */
export class Output {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Colours for stdout: none when it is no terminal, unless FORCE_COLOR; none with NO_COLOR. */
  readonly colors: Colors
  /** A person watches: stdout is a terminal and this is no CI job. */
  readonly interactive: boolean
  #above: ((text: string) => unknown) | undefined
  #couldNotWrite = false
  /** By a runner of GitHub Actions, which takes some lines for commands. */
  readonly #isRead: boolean

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, environment: Environment) {
    this.stdout = stdout
    this.stderr = stderr
    this.interactive = stdout.isTTY && !isSet(environment['CI']) && environment['TERM'] !== 'dumb'
    this.#isRead = environment['GITHUB_ACTIONS'] === 'true'
    this.colors = createColors(wantsColor(stdout, environment))
    stdout.on('error', error => this.#failed(error, 'standard output'))
    stderr.on('error', error => this.#failed(error, 'standard error'))
  }

  /** Something did not reach its file: a full disk, say. A reader that went away is no fault. */
  get couldNotWrite(): boolean {
    return this.#couldNotWrite
  }

  /** Columns of the terminal, 100 when there is none. */
  get width(): number {
    return this.stdout.columns ?? 100
  }

  get height(): number {
    return this.stdout.rows ?? 30
  }

  /** One line or more on stdout, above the live table while there is one. */
  line(text: string): void {
    if (this.#above === undefined) this.stdout.write(`${this.#plain(text)}\n`)
    else this.#above(text)
  }

  /** One line or more on stderr; above the live table when both share the terminal. */
  note(text: string): void {
    if (this.#above !== undefined && this.stderr.isTTY) this.#above(text)
    else this.stderr.write(`${this.#plain(text)}\n`)
  }

  #plain(text: string): string {
    return this.#isRead ? withoutCommands(text) : text
  }

  /** While a live table is on the screen, lines go above it. undefined: no table any more. */
  setAbove(print: ((text: string) => unknown) | undefined): void {
    this.#above = print
  }

  /** No reason to lose a run: it goes on unseen, and its files are written. */
  #failed(error: NodeJS.ErrnoException, what: string): void {
    // The reader has gone (`| head`), or the terminal.
    if (error.code === 'EPIPE' || error.code === 'EIO') return
    if (this.#couldNotWrite) return
    this.#couldNotWrite = true
    this.stderr.write(`error: ${what} could not be written: ${error.message}\n`)
  }
}

const isSet = (value: string | undefined) =>
  value !== undefined && value !== '' && value !== '0' && value !== 'false'

/** no-color.org and the FORCE_COLOR that Node itself obeys. */
function wantsColor(stdout: NodeJS.WriteStream, environment: Environment): boolean {
  if (environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== '') return false
  if (environment['FORCE_COLOR'] !== undefined) return isSet(environment['FORCE_COLOR'])
  return stdout.isTTY && environment['TERM'] !== 'dumb'
}
