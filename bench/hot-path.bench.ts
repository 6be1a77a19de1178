/**
 * Budget: at least 0.70 of wrk's requests per client CPU-second; the aim is 0.90.
 *
 * nginx with one worker on a core of its own, the client on another, 64 users on 64 keep-alive
 * connections, no think time, 200-byte answers. Our side is the real command line with everything
 * on: script, named check, tracing header, histograms, samples. Both run in turns (A B A B); only
 * measurements at the same distance between the two cores are compared (rig/core-distance.ts).
 */
import { loadstoneLaunch } from './clients/loadstone.ts'
import { wrkLaunch } from './clients/wrk.ts'
import {
  informs,
  ratioWithinBudget,
  type Bench,
  type BenchOptions,
  type BenchResult,
  type Row,
} from './rig/bench.ts'
import {
  duel,
  duelPace,
  middle,
  nearnessText,
  type DuelResult,
  type DuelSetting,
  type Standing,
} from './rig/duel.ts'
import { pickCores } from './rig/machine.ts'
import { missingPrograms } from './rig/process.ts'
import { clientSeconds, type Steady } from './rig/steady.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'
import { Nginx } from './targets/nginx.ts'

const users = 64
const budgetRatio = 0.7

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'wrk', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const cores = pickCores({ server: 1, client: 1 })
  await using nginx = await Nginx.start({ workers: 1, cores: cores.server })
  using folder = new TemporaryFolder()
  const setting: DuelSetting = { nginx, cores, ...duelPace(tiny) }
  const seconds = clientSeconds(setting.timing)
  const ours = loadstoneLaunch({
    script: 'hot-path.ts',
    target: nginx.url,
    flags: ['-u', String(users), '-d', `${seconds}s`, '-w', '1'],
    summaryFile: folder.file('summary.json'),
    cores: cores.client,
  })
  const theirs = wrkLaunch({ url: nginx.url, connections: users, seconds, cores: cores.client })
  say('us and wrk in turns')
  const result = await duel({ ours, theirs }, setting)
  return { kind: 'measured', rows: result.standings.flatMap(rowsOf), notes: notesOf(result) }
}

function rowsOf({ nearness, ours, theirs }: Standing): Row[] {
  const title = (text: string) => [text, nearnessText(nearness)].filter(Boolean).join(', ')
  const perCpu = (one: Steady) => one.requestsPerCpuSecond
  const perSecond = (one: Steady) => one.requestsPerSecond
  return [
    ratioWithinBudget(
      {
        name: title('us against wrk'),
        unit: 'requests per CPU-second',
        measured: middle(ours, perCpu),
        reference: middle(theirs, perCpu),
      },
      { atLeast: budgetRatio },
    ),
    informs(
      { name: title('rate'), unit: 'requests per s', measured: middle(ours, perSecond) },
      middle(theirs, perSecond),
    ),
    informs({
      name: title('start-up: CPU until the first request'),
      unit: 's',
      measured: middle(ours, one => one.startUpCpuSeconds),
    }),
    informs({
      name: title('start-up: time until the first request'),
      unit: 's',
      measured: middle(ours, one => one.startUpSeconds),
    }),
  ]
}

function notesOf(result: DuelResult): string[] {
  const busy = (all: readonly Steady[], pick: (one: Steady) => number) =>
    `${Math.round(100 * middle(all, pick))} %`
  const spread = (all: readonly Steady[]) =>
    all.map(one => Math.round(one.requestsPerCpuSecond / 1000)).join(' ')
  const standings = result.standings.map(({ nearness, ours, theirs }) =>
    [
      `${nearnessText(nearness)}: thousands per CPU-second us ${spread(ours)};`,
      `wrk ${spread(theirs)};`,
      `client core busy ${busy(ours, one => one.clientCpuRatio)} with us,`,
      `${busy(theirs, one => one.clientCpuRatio)} with wrk;`,
      `nginx ${busy(ours, one => one.serverCpuRatio)}`,
      `and ${busy(theirs, one => one.serverCpuRatio)}`,
    ].join(' '),
  )
  return [...standings, `${result.discarded} windows discarded: the host moved a core`]
}

export const hotPath: Bench = {
  name: 'hot-path',
  budget: `requests per client CPU-second at least ${budgetRatio} of wrk's, aim 0.90`,
  run,
}
