import { readdirSync, readFileSync } from 'node:fs'

/** Ticks per second of the CPU times in /proc: USER_HZ, 100 on every Linux that Node supports. */
const ticksPerSecond = 100

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly cpuTicks: number
}

/** Text of a file under /proc, or undefined when that process has just ended. */
function procText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** Fields as in proc(5), counted after the name, which may hold spaces and parentheses. */
function statOf(pid: number): Stat | undefined {
  const text = procText(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  // utime, stime, and those of children that have ended and been waited for.
  return { pid, parent: field(4), cpuTicks: field(14) + field(15) + field(16) + field(17) }
}

/** The process and every living descendant. */
function tree(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => statOf(Number(name)))
    .filter(stat => stat !== undefined)
  const childrenOf = Map.groupBy(all, stat => stat.parent)
  const below = (stat: Stat): Stat[] => [stat, ...(childrenOf.get(stat.pid) ?? []).flatMap(below)]
  return all.filter(stat => stat.pid === root).flatMap(below)
}

/** User and system CPU time of a process with all threads, children and grandchildren, in s. */
export function cpuSecondsOfTree(pid: number): number {
  return tree(pid).reduce((sum, stat) => sum + stat.cpuTicks, 0) / ticksPerSecond
}

/** Resident memory of a process and its descendants, bytes; 0 when it has ended. */
export function residentBytesOfTree(pid: number): number {
  return tree(pid).reduce((sum, stat) => {
    const status = procText(`/proc/${stat.pid}/status`) ?? ''
    return sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  }, 0)
}

/** CPU time of each child of a process (nginx's workers), s, in the order of their ids. */
export function cpuSecondsOfChildren(pid: number): number[] {
  return tree(pid)
    .filter(stat => stat.parent === pid)
    .sort((a, b) => a.pid - b.pid)
    .map(stat => stat.cpuTicks / ticksPerSecond)
}
