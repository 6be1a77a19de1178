import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const fastMs = 5_000
const immediateMs = 5_000

/** The pid of the PostgreSQL that runs in the folder, from its own pid file. */
export async function postgresPidOf(folder: string): Promise<number | undefined> {
  try {
    const text = await readFile(join(folder, 'postmaster.pid'), 'utf8')
    const pid = Number(text.split('\n')[0])
    return Number.isInteger(pid) && pid > 1 ? pid : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/**
 * Stops the PostgreSQL of this folder and deletes the folder. First a fast shutdown, then an
 * immediate one; both free its shared memory. Nothing to stop and no folder are fine.
 */
export async function endCluster(folder: string): Promise<void> {
  const pid = await postgresPidOf(folder)
  if (pid !== undefined && !(await stops(pid, 'SIGINT', fastMs))) {
    await stops(pid, 'SIGQUIT', immediateMs)
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function stops(pid: number, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  if (!send(pid, signal)) return true
  const untilMs = performance.now() + withinMs
  while (performance.now() < untilMs) {
    await delay(20)
    if (!send(pid, 0)) return true
  }
  return false
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
