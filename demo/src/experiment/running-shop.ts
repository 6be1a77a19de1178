import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ShopFailed, ShopReady } from '../protocol.ts'

const entry = fileURLToPath(new URL('../main.ts', import.meta.url))

const startWithinMs = 120_000
const stopWithinMs = 40_000

/** A shop of the experiment's own. It ends with this process, whatever happens to it. */
export class RunningShop {
  readonly ready: ShopReady
  /** Resolves with the last it said once it ended without being told to. */
  readonly crashed: Promise<string>
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #stopping = false

  private constructor(child: ChildProcess, ready: ShopReady, errors: () => string) {
    this.#child = child
    this.ready = ready
    this.#ended = endOf(child)
    this.crashed = new Promise(resolve => {
      void this.#ended.then(() => {
        if (!this.#stopping) resolve(errors().trim() || 'the shop ended by itself')
      })
    })
  }

  /** Rejects with the shop's own words when it does not start, or was stopped meanwhile. */
  static async start(options: {
    readonly args: readonly string[]
    readonly environment: NodeJS.ProcessEnv
    readonly signal: AbortSignal
  }): Promise<RunningShop> {
    const { args, environment: env, signal } = options
    // A group of its own: Ctrl-C in the terminal reaches this program first, which then ends it.
    const child = fork(entry, [...args], { env, detached: true, silent: true, execArgv: [] })
    let errors = ''
    child.stdout?.resume()
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-errorCharactersMax)
    })
    try {
      const ready = await firstMessage(child, signal, () => errors)
      return new RunningShop(child, ready, () => errors)
    } catch (error) {
      await end(child)
      throw error
    }
  }

  /** Resolves when all its processes are gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    await end(this.#child)
  }
}

const errorCharactersMax = 10_000

function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => child.once('exit', () => resolve()))
}

async function end(child: ChildProcess): Promise<void> {
  const ended = endOf(child)
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await ended
  clearTimeout(timer)
}

function firstMessage(
  child: ChildProcess,
  signal: AbortSignal,
  errors: () => string,
): Promise<ShopReady> {
  const { promise, resolve, reject } = Promise.withResolvers<ShopReady>()
  const fail = (why: string) => reject(new Error(`the shop did not start: ${why}`))
  const timer = setTimeout(() => fail(`not ready after ${startWithinMs / 1_000} s`), startWithinMs)
  const aborted = () => fail('it was stopped')
  signal.addEventListener('abort', aborted, { once: true })
  child.once('exit', () => fail(errors().trim() || 'it ended without a reason'))
  child.once('error', error => fail(error.message))
  child.on('message', message => {
    const told = message as ShopReady | ShopFailed
    if (told.ready) resolve(told)
    else fail(told.error)
  })
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', aborted)
  })
}
