/**
 * Budget: two workers at least 1.8 times, three at least 2.6 times the rate of one.
 *
 * nginx with two workers on two cores (one saturates). Every worker of ours needs a core of its own:
 * where the machine has fewer, the rate is shown but not judged, and the requests per CPU-second say
 * what the workers would do with a core each.
 */
import {
  informs,
  ratioWithinBudget,
  type Bench,
  type BenchOptions,
  type BenchResult,
  type Row,
} from './rig/bench.ts'
import { loadstoneLaunch } from './clients/loadstone.ts'
import { allowedCores, pickCores } from './rig/machine.ts'
import { Nginx } from './targets/nginx.ts'
import { missingPrograms } from './rig/process.ts'
import { clientSeconds, steadyOf, type Steady, type SteadyTiming } from './rig/steady.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'

const serverWorkers = 2
const usersPerWorker = 64
const budgets: ReadonlyMap<number, number> = new Map([
  [2, 1.8],
  [3, 2.6],
])

interface Measured {
  readonly workers: number
  readonly steady: Steady
}

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const timing: SteadyTiming = tiny
    ? { settleMs: 200, windowMs: 400 }
    : { settleMs: 2000, windowMs: 4000 }
  const forServer = pickCores({ server: serverWorkers, client: 1 }).server
  await using nginx = await Nginx.start({ workers: serverWorkers, cores: forServer })
  await using folder = await TemporaryFolder.make()
  const measured: Measured[] = []
  for (const workers of tiny ? [1, 2] : [1, 2, 3]) {
    const launch = loadstoneLaunch({
      script: 'hot-path.ts',
      target: nginx.url,
      flags: [
        ...['-u', String(usersPerWorker * workers), '-w', String(workers)],
        ...['-d', `${clientSeconds(timing)}s`],
      ],
      summaryFile: folder.file(`${workers}.json`),
      cores: clientCores(workers),
    })
    const steady = await steadyOf(launch, nginx, timing)
    measured.push({ workers, steady })
    say(`${workers} workers: ${Math.round(steady.requestsPerSecond)} requests/s`)
  }
  return { kind: 'measured', rows: measured.flatMap(rowsOf(measured)), notes: notesOf(measured) }
}

/** All cores that the server leaves, at most one per worker. */
function clientCores(workers: number): readonly number[] {
  const free = Math.max(1, allowedCores.length - serverWorkers)
  return pickCores({ server: serverWorkers, client: Math.min(workers, free) }).client
}

const hasCoreEach = (workers: number) => allowedCores.length >= serverWorkers + workers

function rowsOf(all: readonly Measured[]): (one: Measured) => Row[] {
  const first = all[0]?.steady
  if (first === undefined) return () => []
  return ({ workers, steady }) => {
    const name = `${workers} worker${workers === 1 ? '' : 's'}`
    const rate = { name, unit: 'requests per s', measured: steady.requestsPerSecond }
    const budget = budgets.get(workers)
    if (budget === undefined) return [informs(rate)]
    const judged = { ...rate, reference: first.requestsPerSecond }
    return [
      hasCoreEach(workers)
        ? ratioWithinBudget(judged, { atLeast: budget })
        : informs(rate, first.requestsPerSecond),
      informs(
        {
          name: `${name}, each with its own core (projected)`,
          unit: 'requests per CPU-second',
          measured: steady.requestsPerCpuSecond * workers,
        },
        first.requestsPerCpuSecond,
      ),
    ]
  }
}

function notesOf(all: readonly Measured[]): string[] {
  return all.map(({ workers, steady }) => {
    const cores = clientCores(workers)
    const client = `${workers} workers on cores ${cores.join(' ')} (${percent(
      steady.clientCpuRatio / cores.length,
    )} busy)`
    const server = `busiest nginx worker ${percent(steady.serverCpuRatio)}`
    return hasCoreEach(workers)
      ? `${client}, ${server}`
      : `${client}, ${server}; not judged, ${allowedCores.length} cores are too few`
  })
}

const percent = (ratio: number) => `${Math.round(100 * ratio)} %`

export const workers: Bench = {
  name: 'workers',
  budget: 'two workers at least 1.8 times, three at least 2.6 times the rate of one',
  run,
}
