import { fork, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError, type Clock } from '../../base/index.ts'

/** The demo shop lives in the repository; the published package has neither it nor the examples. */
const shopEntry = fileURLToPath(new URL('../../../demo/src/main.ts', import.meta.url))
export const demoScript = fileURLToPath(new URL('../../../examples/whole-shop.ts', import.meta.url))

const startLimitUs = 60_000_000
const stopLimitUs = 10_000_000

export interface DemoShop {
  readonly url: string
  readonly services: number
  /** Resolves when all its processes have ended. */
  stop(): Promise<void>
}

interface ShopMessage {
  readonly ready: boolean
  readonly url?: string
  readonly services?: readonly unknown[]
  readonly error?: string
}

/** Starts the shop's processes; they end with this one, whatever happens to it. */
export async function startShop(clock: Clock, signal: AbortSignal): Promise<DemoShop> {
  if (!existsSync(shopEntry) || !existsSync(demoScript)) {
    throw new UsageError(
      'DEMO_MISSING',
      'the demo shop is not part of the published package; clone the repository and run\n' +
        '  npm ci && npm run demo',
    )
  }
  // A group of its own: Ctrl-C in the terminal ends the run first, and the run then ends the shop.
  const child = fork(shopEntry, [], { silent: true, detached: true })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const stop = () => end(child, ended, clock)
  try {
    const { url, services } = await ready(child, clock, signal)
    return { url: url ?? '', services: services?.length ?? 0, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function ready(child: ChildProcess, clock: Clock, signal: AbortSignal): Promise<ShopMessage> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdout?.resume()
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      cancel()
      reject(new UsageError('DEMO_FAILED', `the demo shop did not start: ${why}`))
    }
    const cancel = clock.after(startLimitUs, () => fail('it was not ready after 60 s'))
    signal.addEventListener('abort', () => fail('stopped'), { once: true })
    child.once('exit', code => fail(said.trim() || `it ended with exit code ${code}`))
    child.once('error', error => fail(error.message))
    child.on('message', message => {
      const told = message as ShopMessage
      if (!told.ready) return fail(told.error ?? 'it gave no reason')
      cancel()
      resolve(told)
    })
  })
}

/** A shop that does not end by itself when its line is cut is killed. */
async function end(child: ChildProcess, ended: Promise<void>, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  if (child.connected) child.disconnect()
  const cancel = clock.after(stopLimitUs, () => child.kill('SIGKILL'))
  await ended
  cancel()
}
