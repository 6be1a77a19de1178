import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const fastMs = 5_000
const immediateMs = 5_000

/** The pid of the PostgreSQL that runs in the folder, from its own pid file. */
export async function postgresPidOf(folder: string): Promise<number | undefined> {
  const pid = Number((await pidFileLines(folder))[0])
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

async function pidFileLines(folder: string): Promise<string[]> {
  try {
    return (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
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
  await freeSharedMemory(folder)
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Resolves once the process is gone. It is looked for every half second. */
export async function goneByItself(pid: number): Promise<void> {
  while (send(pid, 0)) await delay(500, undefined, { ref: false })
}

/**
 * A PostgreSQL that was killed leaves its pid file behind, and the 56 bytes of shared memory by
 * which it keeps a second one away. The file's seventh line names them.
 */
async function freeSharedMemory(folder: string): Promise<void> {
  const id = (await pidFileLines(folder))[6]?.trim().split(/\s+/)[1]
  if (id === undefined || process.platform === 'win32') return
  const { promise, resolve } = Promise.withResolvers<void>()
  // Nothing is lost when it cannot be done: the folder goes in any case.
  execFile('ipcrm', ['-m', id], () => resolve())
  await promise
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
