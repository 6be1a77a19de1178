import { execFileSync } from 'node:child_process'

const pollMs = 1_000

/**
 * Calls `gone` once when the process that started us has ended, without a channel to it. The death
 * of a parent shows as another parent's id. npm starts scripts through a shell that outlives it,
 * so behind such a shell npm itself is watched.
 */
export function onParentGone(gone: () => void): void {
  const parentPid = process.ppid
  const npmPid = behindShell(parentPid)
  const timer = setInterval(() => {
    if (process.ppid === parentPid && (npmPid === undefined || isAlive(npmPid))) return
    clearInterval(timer)
    gone()
  }, pollMs)
  timer.unref()
}

/** The parent of `pid` when that is a shell running one command (`sh -c ...`) for npm. */
function behindShell(pid: number): number | undefined {
  if (process.env['npm_lifecycle_event'] === undefined || process.platform === 'win32') {
    return undefined
  }
  const line = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })
  const match = /^\s*(\d+)\s+\S*sh -c /.exec(line)
  return match ? Number(match[1]) : undefined
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, but belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
