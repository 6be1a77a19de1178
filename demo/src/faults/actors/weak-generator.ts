/**
 * Leaves the load generator's process only some of its CPU time. Forked by the shop with its
 * options as JSON; says 'failed' for a process that is not to be touched.
 */
import { actorOptions, onEnd, tell } from './actor.ts'
import { CpuLimit } from './cpu-limit.ts'
import { factsOf, knowsProcesses } from './process-facts.ts'

const { pid, cores, shopPid } = actorOptions<{
  readonly pid: number
  readonly cores: number
  /** The shop's main process; all its processes come from it. */
  readonly shopPid: number
}>()

const refusal = refusalOf(pid)
if (refusal !== undefined) {
  tell({ kind: 'failed', message: refusal })
  process.exit(1)
} else {
  const started = factsOf(pid)?.startTicks
  // A pid may be given to another process once ours is gone.
  const pids = () => (started !== undefined && factsOf(pid)?.startTicks === started ? [pid] : [])
  const limit = new CpuLimit({ guarded: pid, pids, cores })
  onEnd(() => void limit.stop().finally(() => process.exit(0)))
  await limit.start()
  tell({ kind: 'ready' })
}

function refusalOf(pid: number): string | undefined {
  if (!knowsProcesses) return 'only Linux tells how much CPU time another process has used'
  if (pid <= 1) return `pid is ${pid}; give that of the load generator`
  const facts = factsOf(pid)
  if (!facts) return `there is no process ${pid}`
  if (isOfShop(pid)) return `process ${pid} is part of the shop; give that of the load generator`
  if (facts.userId !== process.getuid?.()) return `process ${pid} belongs to another user`
  return undefined
}

function isOfShop(pid: number): boolean {
  for (let at = pid; at > 1; at = factsOf(at)?.parentPid ?? 0) {
    if (at === shopPid) return true
  }
  return false
}
