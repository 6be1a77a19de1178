/**
 * Budget: start delay p99 at most 0.5 ms at 1,000, 5,000 and 20,000 starts/s on a free core,
 * without burning that core; with --exact p99 below 0.1 ms.
 *
 * Open model: the schedule says when an iteration begins, and the start delay says how late it did.
 * The delay is the run's own measurement (validity.startDelayMs of the JSON summary); the CPU share
 * is taken from outside, over the measured part of the run. nginx answers from another core. Three
 * runs each, in turns, and the median of them: one neighbour on the core for a moment spoils a p99.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  informs,
  median,
  withinBudget,
  type Bench,
  type BenchOptions,
  type BenchResult,
  type Row,
} from './rig/bench.ts'
import { loadstoneLaunch, readSummary, runExitCodes, type Summary } from './clients/loadstone.ts'
import { pickCores } from './rig/machine.ts'
import { Nginx } from './targets/nginx.ts'
import { missingPrograms, Process } from './rig/process.ts'
import { cpuSecondsOfTree } from './rig/process-tree.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'

const budgetMs = 0.5
const exactBudgetMs = 0.1

interface Paced {
  readonly startsPerSecond: number
  readonly exact: boolean
}

interface Outcome {
  readonly summary: Summary
  readonly cpuRatio: number
}

interface Measured extends Paced {
  readonly outcomes: Outcome[]
}

interface Setting {
  readonly nginx: Nginx
  readonly folder: TemporaryFolder
  readonly cores: readonly number[]
  /** Left out of the figures: while code is compiled, its threads want the same core. */
  readonly warmUpSeconds: number
  readonly measuredSeconds: number
}

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const cores = pickCores({ server: 1, client: 1 })
  await using nginx = await Nginx.start({ workers: 1, cores: cores.server })
  using folder = new TemporaryFolder()
  const setting = { nginx, folder, cores: cores.client, ...lengths(tiny) }
  const rates = tiny ? [500] : [1000, 5000, 20_000]
  const all: Measured[] = rates.flatMap(startsPerSecond =>
    [false, true].map(exact => ({ startsPerSecond, exact, outcomes: [] })),
  )
  for (let round = 1; round <= (tiny ? 1 : 3); round++) {
    for (const one of all) one.outcomes.push(await pace(setting, one))
    say(`round ${round}: p99 ${all.map(one => p99Of(one.outcomes.at(-1))).join(', ')} ms`)
  }
  return { kind: 'measured', rows: all.flatMap(rowsOf), notes: all.flatMap(notesOf) }
}

const lengths = (tiny: boolean) =>
  tiny ? { warmUpSeconds: 1, measuredSeconds: 1 } : { warmUpSeconds: 7, measuredSeconds: 6 }

const p99Of = (outcome: Outcome | undefined) => outcome?.summary.validity.startDelayMs.p99

async function pace(setting: Setting, paced: Paced): Promise<Outcome> {
  const summaryFile = setting.folder.file('summary.json')
  await using client = new Process(
    loadstoneLaunch({
      script: 'open-model.ts',
      target: setting.nginx.url,
      flags: [
        ...['--rate', `${paced.startsPerSecond}/s`, '-w', '1'],
        ...['-d', `${setting.warmUpSeconds + setting.measuredSeconds}s`],
        ...['--warm-up', `${setting.warmUpSeconds}s`],
        ...(paced.exact ? ['--exact'] : []),
      ],
      summaryFile,
      cores: setting.cores,
    }),
  )
  const before = await setting.nginx.requests()
  while ((await setting.nginx.requests()) <= before && client.running) await sleep(20)
  await sleep(setting.warmUpSeconds * 1000)
  const windowSeconds = setting.measuredSeconds - 0.5
  const cpuFrom = cpuSecondsOfTree(client.pid)
  const from = performance.now()
  await sleep(windowSeconds * 1000)
  const cpuSeconds = cpuSecondsOfTree(client.pid) - cpuFrom
  const cpuRatio = (cpuSeconds * 1000) / (performance.now() - from)
  await client.finish(runExitCodes)
  return { cpuRatio, summary: await readSummary(summaryFile) }
}

const nameOf = ({ startsPerSecond, exact }: Paced) =>
  `${startsPerSecond.toLocaleString('en-US')} starts/s${exact ? ', exact' : ''}`

function rowsOf(one: Measured): Row[] {
  const name = nameOf(one)
  const middle = (pick: (outcome: Outcome) => number) => median(one.outcomes.map(pick))
  const delay = (quantile: 'p50' | 'p99') => ({
    name: `${name}: start delay ${quantile}`,
    unit: 'ms',
    measured: middle(({ summary }) => summary.validity.startDelayMs[quantile]),
  })
  const cpu = { name: `${name}: CPU`, unit: '% of a core' }
  return [
    informs(delay('p50')),
    withinBudget(delay('p99'), { atMost: one.exact ? exactBudgetMs : budgetMs }),
    informs({ ...cpu, measured: middle(outcome => outcome.cpuRatio * 100) }),
  ]
}

const notesOf = (one: Measured): string[] =>
  one.outcomes.map(({ summary: { totals, validity } }) => {
    const words = validity.valid ? 'valid' : `invalid: ${validity.reasons.join('; ')}`
    const { p99, max } = validity.startDelayMs
    return (
      `${nameOf(one)}: ${totals.iterations} iterations, ${totals.drops} drops, ` +
      `start delay p99 ${p99}, max ${max} ms, ${words}`
    )
  })

export const startDelay: Bench = {
  name: 'start-delay',
  budget: `start delay p99 at most ${budgetMs} ms, with --exact ${exactBudgetMs} ms`,
  run,
}
