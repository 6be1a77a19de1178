import { readdirSync, readFileSync, statSync } from 'node:fs'

/** What Linux tells about processes under /proc; undefined for one that is gone. */
export interface ProcessFacts {
  readonly parentPid: number
  /** Clock ticks from the machine's start to the process's: with the pid it names a process. */
  readonly startTicks: string
  readonly userId: number
}

export const knowsProcesses = process.platform === 'linux'

export function factsOf(pid: number): ProcessFacts | undefined {
  return unlessGone(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name comes before the last parenthesis and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const userId = statSync(`/proc/${pid}`).uid
    return { parentPid: Number(fields[1]), startTicks: fields[19] ?? '', userId }
  })
}

export function childrenOf(pid: number): number[] {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? ''
  return text.split(' ').filter(Boolean).map(Number)
}

/** CPU time of all threads that live now; 0 when the process is gone. */
export function usedCpuMs(pid: number): number {
  const threads = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? []
  return threads.reduce((sum, thread) => sum + threadCpuMs(pid, thread), 0)
}

function threadCpuMs(pid: number, thread: string): number {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
  return Number(text?.split(' ')[0] ?? 0) / 1e6
}

/** A process may end between any two looks at it. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
