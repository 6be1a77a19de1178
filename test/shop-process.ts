import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, vi } from 'vitest'
import type { ShopFailed, ShopReady } from '../demo/src/protocol.ts'

/** The shop's entry, as a program forks it. */
export const main = fileURLToPath(new URL('../demo/src/main.ts', import.meta.url))

/** A shop on free ports, with a channel to it. */
export function forkShop(env: Record<string, string> = {}): ChildProcess {
  const options = {
    env: { ...process.env, SHOP_PORT: '0', SHOP_DATABASE_URL: '', ...env },
    execArgv: [],
  }
  return fork(main, { ...options, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
}

/** What a shop says when it is ready; throws its reason when it cannot start. */
export async function readyFrom(child: ChildProcess): Promise<ShopReady> {
  const ended = new AbortController()
  child.once('exit', code => ended.abort(new Error(`the shop ended with code ${code}`)))
  const [message] = (await once(child, 'message', { signal: ended.signal })) as [
    ShopReady | ShopFailed,
  ]
  if (!message.ready) throw new Error(message.error)
  return message
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Every process and folder of the shop is gone, at the latest after half a minute. */
export async function leavesNothing(ready: ShopReady): Promise<void> {
  const { keeperPid = 0, postgresPid = 0, folder = '' } = ready.database ?? {}
  const pids = [...ready.services.map(service => service.pid), keeperPid, postgresPid]
  expect(pids.filter(pid => !(pid > 1))).toEqual([])
  await vi.waitFor(
    () => {
      expect(pids.filter(isAlive)).toEqual([])
      expect(existsSync(folder)).toBe(false)
    },
    { timeout: 30_000, interval: 50 },
  )
}
