/**
 * Budget: start delay p99 at most 0.5 ms at 1,000, 5,000 and 20,000 starts/s on a free core, without
 * burning that core; with --exact p99 below 0.1 ms.
 *
 * Open model: the schedule says when an iteration begins, and the start delay says how late it did.
 * The delay is the run's own measurement (validity.startDelayMs of the JSON summary); the CPU share
 * is taken from outside, over the measured part of the run. nginx answers from another core.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  informs,
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

interface Outcome extends Paced {
  readonly summary: Summary
  readonly cpuRatio: number
}

interface Setting {
  readonly nginx: Nginx
  readonly folder: TemporaryFolder
  readonly cores: readonly number[]
  /** The script's warm-up included. */
  readonly seconds: number
}

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const cores = pickCores({ server: 1, client: 1 })
  await using nginx = await Nginx.start({ workers: 1, cores: cores.server })
  await using folder = await TemporaryFolder.make()
  const setting = { nginx, folder, cores: cores.client, seconds: tiny ? 3 : 12 }
  const rates = tiny ? [500] : [1000, 5000, 20_000]
  const outcomes: Outcome[] = []
  for (const startsPerSecond of rates) {
    for (const exact of [false, true]) {
      const outcome = await pace(setting, { startsPerSecond, exact })
      outcomes.push(outcome)
      say(`${nameOf(outcome)}: p99 ${outcome.summary.validity.startDelayMs.p99} ms`)
    }
  }
  return { kind: 'measured', rows: outcomes.flatMap(rowsOf), notes: outcomes.flatMap(notesOf) }
}

async function pace(setting: Setting, paced: Paced): Promise<Outcome> {
  const summaryFile = setting.folder.file('summary.json')
  await using client = new Process(
    loadstoneLaunch({
      script: 'open-model.ts',
      target: setting.nginx.url,
      flags: [
        ...['--rate', `${paced.startsPerSecond}/s`, '-d', `${setting.seconds}s`, '-w', '1'],
        ...(paced.exact ? ['--exact'] : []),
      ],
      summaryFile,
      cores: setting.cores,
    }),
  )
  const before = await setting.nginx.requests()
  while ((await setting.nginx.requests()) <= before && client.running) await sleep(20)
  await sleep(2000)
  const windowSeconds = Math.max(0.5, setting.seconds - 3)
  const cpuFrom = cpuSecondsOfTree(client.pid)
  const from = performance.now()
  await sleep(windowSeconds * 1000)
  const cpuSeconds = cpuSecondsOfTree(client.pid) - cpuFrom
  const cpuRatio = (cpuSeconds * 1000) / (performance.now() - from)
  await client.finish(runExitCodes)
  return { ...paced, cpuRatio, summary: await readSummary(summaryFile) }
}

const nameOf = ({ startsPerSecond, exact }: Paced) =>
  `${startsPerSecond.toLocaleString('en-US')} starts/s${exact ? ', exact' : ''}`

function rowsOf(outcome: Outcome): Row[] {
  const { startDelayMs } = outcome.summary.validity
  const name = nameOf(outcome)
  const atMost = outcome.exact ? exactBudgetMs : budgetMs
  return [
    informs({ name: `${name}: start delay p50`, unit: 'ms', measured: startDelayMs.p50 }),
    withinBudget(
      { name: `${name}: start delay p99`, unit: 'ms', measured: startDelayMs.p99 },
      { atMost },
    ),
    informs({ name: `${name}: CPU`, unit: '% of a core', measured: outcome.cpuRatio * 100 }),
  ]
}

function notesOf(outcome: Outcome): string[] {
  const { totals, validity } = outcome.summary
  const words = validity.valid ? 'valid' : `invalid: ${validity.reasons.join('; ')}`
  return [
    `${nameOf(outcome)}: ${totals.iterations} iterations, ${totals.drops} drops, ` +
      `start delay max ${validity.startDelayMs.max} ms, ${words}`,
  ]
}

export const startDelay: Bench = {
  name: 'start-delay',
  budget: `start delay p99 at most ${budgetMs} ms, with --exact ${exactBudgetMs} ms`,
  run,
}
