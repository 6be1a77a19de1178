/**
 * Budget: two workers at least 1.8 times, three at least 2.6 times the rate of one.
 *
 * nginx with two workers on two cores (one saturates). Every worker of ours needs a core of its
 * own: where the machine has fewer, the rate is shown but not judged, and the requests per CPU-
 * second say what the workers would do with a core each. The counts run in turns, and medians are
 * compared, as a virtual machine's cores are not equally fast from one moment to the next.
 */
import { loadstoneLaunch } from './clients/loadstone.ts'
import {
  informs,
  ratioWithinBudget,
  type Bench,
  type BenchOptions,
  type BenchResult,
  type Row,
} from './rig/bench.ts'
import { middle } from './rig/duel.ts'
import { allowedCores, pickCores, type CorePlan } from './rig/machine.ts'
import { missingPrograms } from './rig/process.ts'
import { clientSeconds, steadyOf, type Steady, type SteadyTiming } from './rig/steady.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'
import { Nginx } from './targets/nginx.ts'

const serverWorkers = 2
const usersPerWorker = 64
const budgets: ReadonlyMap<number, number> = new Map([
  [2, 1.8],
  [3, 2.6],
])

interface Measured {
  readonly workers: number
  readonly windows: Steady[]
}

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const timing: SteadyTiming = tiny
    ? { settleMs: 200, windowMs: 300, windows: 1 }
    : { settleMs: 2000, windowMs: 600, windows: 3 }
  const free = Math.max(1, allowedCores.length - serverWorkers)
  const cores = pickCores({ server: serverWorkers, client: free })
  await using nginx = await Nginx.start({ workers: serverWorkers, cores: cores.server })
  using folder = new TemporaryFolder()
  const all: Measured[] = (tiny ? [1, 2] : [1, 2, 3]).map(workers => ({ workers, windows: [] }))
  for (let round = 1; round <= (tiny ? 1 : 5); round++) {
    for (const { workers, windows } of all) {
      const launch = loadstoneLaunch({
        script: 'hot-path.ts',
        target: nginx.url,
        flags: [
          ...['-u', String(usersPerWorker * workers), '-w', String(workers)],
          ...['-d', `${clientSeconds(timing)}s`],
        ],
        summaryFile: folder.file(`${workers}.json`),
        cores: clientCores(cores, workers),
      })
      windows.push(...(await steadyOf(launch, nginx, timing)))
    }
    say(`round ${round}: ${all.map(one => Math.round(rateOf(one))).join(', ')} requests/s`)
  }
  return { kind: 'measured', rows: all.flatMap(rowsOf(all)), notes: all.map(noteOf(cores)) }
}

const rateOf = ({ windows }: Measured) => middle(windows, one => one.requestsPerSecond)
const perCpuOf = ({ windows }: Measured) => middle(windows, one => one.requestsPerCpuSecond)

/** What the server leaves, at most one core per worker. */
const clientCores = ({ client }: CorePlan, workers: number) => client.slice(0, workers)

const hasCoreEach = (workers: number) => allowedCores.length >= serverWorkers + workers

function rowsOf(all: readonly Measured[]): (one: Measured) => Row[] {
  return one => {
    const first = all[0] ?? one
    const name = `${one.workers} worker${one.workers === 1 ? '' : 's'}`
    const rate = { name, unit: 'requests per s', measured: rateOf(one) }
    const budget = budgets.get(one.workers)
    if (budget === undefined) return [informs(rate)]
    const projected = {
      name: `${name}, were each alone on a core`,
      unit: 'requests per CPU-second',
      measured: perCpuOf(one) * one.workers,
    }
    return [
      hasCoreEach(one.workers)
        ? ratioWithinBudget({ ...rate, reference: rateOf(first) }, { atLeast: budget })
        : informs(rate, rateOf(first)),
      informs(projected, perCpuOf(first)),
    ]
  }
}

function noteOf(plan: CorePlan): (one: Measured) => string {
  return ({ workers, windows }) => {
    const cores = clientCores(plan, workers)
    const client = middle(windows, one => one.clientCpuRatio) / cores.length
    const server = middle(windows, one => one.serverCpuRatio)
    return [
      `${workers} workers on cores ${cores.join(' ')}: ${percent(client)} busy`,
      `busiest nginx worker ${percent(server)}`,
      ...(hasCoreEach(workers) ? [] : [`not judged: ${allowedCores.length} cores are too few`]),
    ].join(', ')
  }
}

const percent = (ratio: number) => `${Math.round(100 * ratio)} %`

export const workers: Bench = {
  name: 'workers',
  budget: 'two workers at least 1.8 times, three at least 2.6 times the rate of one',
  run,
}
