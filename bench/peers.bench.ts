/**
 * No budget: what other load generators do in the setting of the hot-path bench (64 users, one
 * client core, a check on each answer where the tool has checks), as a ratio to wrk measured in
 * turns with each. wrk and autocannon run no script; k6, Locust, Artillery and we do.
 */
import { loadstoneLaunch } from './clients/loadstone.ts'
import { peers, type Peer, type PeerSetting } from './clients/peers.ts'
import { wrkLaunch } from './clients/wrk.ts'
import { informs, type Bench, type BenchOptions, type BenchResult, type Row } from './rig/bench.ts'
import {
  duel,
  duelPace,
  middle,
  nearnessText,
  type DuelSetting,
  type Standing,
} from './rig/duel.ts'
import { pickCores } from './rig/machine.ts'
import { missingPrograms, type Launch } from './rig/process.ts'
import { clientSeconds } from './rig/steady.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'
import { Nginx } from './targets/nginx.ts'

const users = 64

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'wrk', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const cores = pickCores({ server: 1, client: 1 })
  await using nginx = await Nginx.start({ workers: 1, cores: cores.server })
  using folder = new TemporaryFolder()
  const setting: DuelSetting = { nginx, cores, ...duelPace(tiny) }
  const seconds = clientSeconds(setting.timing)
  const forPeer: PeerSetting = { url: `${nginx.url}/`, users, seconds, cores: cores.client }
  const theirs = wrkLaunch({ ...forPeer, connections: users })
  const rows: Row[] = []
  const notes: string[] = []
  // The first peer alone proves in tiny form that the bench works.
  for (const { name, install, launch } of [us(folder), ...(tiny ? peers.slice(0, 1) : peers)]) {
    const client = launch(forPeer)
    if (client === undefined) {
      notes.push(`${name} left out: not installed (${install})`)
      continue
    }
    say(`${name} and wrk in turns`)
    const { standings } = await duel({ ours: client, theirs }, setting)
    rows.push(...standings.map(rowOf(name)))
  }
  return { kind: 'measured', rows, notes }
}

const rowOf =
  (name: string) =>
  ({ nearness, ours, theirs }: Standing): Row =>
    informs(
      {
        name: [name, nearnessText(nearness)].filter(Boolean).join(', '),
        unit: 'requests per CPU-second',
        measured: middle(ours, one => one.requestsPerCpuSecond),
      },
      middle(theirs, one => one.requestsPerCpuSecond),
    )

/** We run among the peers too, so that one table compares all under the same conditions. */
const us = (folder: TemporaryFolder): Peer => ({
  name: 'Loadstone',
  install: 'npm ci',
  launch: ({ url, users: count, seconds, cores }): Launch =>
    loadstoneLaunch({
      script: 'hot-path.ts',
      target: url,
      flags: ['-u', String(count), '-d', `${seconds}s`, '-w', '1'],
      summaryFile: folder.file('summary.json'),
      cores,
    }),
})

export const againstPeers: Bench = {
  name: 'peers',
  budget: 'none: other load generators in the setting of the hot-path bench',
  run,
}
