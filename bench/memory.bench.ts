/**
 * Budget: at most 15 kB of memory per user beyond the empty run.
 *
 * 10,000 users who think for 10 s, each with its own connection, against the same command with one
 * user. Memory is the resident memory of the whole process tree (heap included): what the machine
 * must have. The kernel's socket buffers are not in it. The median over the time after the last
 * user has started, so that a garbage collection just before or after does not decide.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  informs,
  median,
  withinBudget,
  type Bench,
  type BenchOptions,
  type BenchResult,
} from './rig/bench.ts'
import { loadstoneLaunch } from './clients/loadstone.ts'
import { openFilesLimit, pickCores } from './rig/machine.ts'
import { Nginx } from './targets/nginx.ts'

import { missingPrograms, Process, type Launch } from './rig/process.ts'
import { residentBytesOfTree } from './rig/process-tree.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'

const budgetKbPerUser = 15

interface Setting {
  readonly users: number
  readonly spawnPerSecond: number
  /** After the last user has started. */
  readonly holdSeconds: number
}

interface Held {
  readonly residentBytes: number
  readonly peakBytes: number
  readonly connections: number
}

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  const missing = missingPrograms('nginx', 'taskset')
  if (missing !== undefined) return { kind: 'skipped', reason: missing }
  const setting: Setting = tiny
    ? { users: 200, spawnPerSecond: 400, holdSeconds: 1 }
    : { users: 10_000, spawnPerSecond: 1000, holdSeconds: 30 }
  const limit = openFilesLimit()
  if (limit < setting.users * 1.25 + 200) {
    return { kind: 'skipped', reason: `${setting.users} connections need ulimit -n above ${limit}` }
  }
  const cores = pickCores({ server: 1, client: 1 })
  // nginx closes idle connections as soon as less than a sixteenth of its own is free.
  const connections = Math.ceil(setting.users * 1.25) + 100
  await using nginx = await Nginx.start({ workers: 1, cores: cores.server, connections })
  using folder = new TemporaryFolder()
  const launch = (users: number) =>
    loadstoneLaunch({
      script: 'idle-users.ts',
      target: nginx.url,
      flags: flagsOf(setting, users),
      summaryFile: folder.file(`${users}.json`),
      cores: cores.client,
    })
  const empty = await hold(launch(1), nginx, setting)
  say(`1 user: ${megabytes(empty.residentBytes)} MB`)
  const full = await hold(launch(setting.users), nginx, setting)
  say(
    `${setting.users} users: ${megabytes(full.residentBytes)} MB, ${full.connections} connections`,
  )
  return { kind: 'measured', rows: rowsOf(setting, empty, full), notes: notesOf(empty, full) }
}

function flagsOf(setting: Setting, users: number): string[] {
  const seconds = Math.ceil(setting.users / setting.spawnPerSecond) + setting.holdSeconds + 8
  return [
    ...['-u', String(users), '-r', String(setting.spawnPerSecond)],
    ...['-d', `${seconds}s`, '-w', '1'],
  ]
}

/** Waits until all users have started, then watches the memory while they think. */
async function hold(launch: Launch, nginx: Nginx, setting: Setting): Promise<Held> {
  await using client = new Process(launch)
  const before = await nginx.requests()
  while ((await nginx.requests()) <= before && client.running) await sleep(20)
  await sleep((1000 * setting.users) / setting.spawnPerSecond + 500)
  const connections = await nginx.connections()
  const samples: number[] = []
  for (let sample = 0; sample < setting.holdSeconds * 4; sample++) {
    samples.push(residentBytesOfTree(client.pid))
    await sleep(250)
  }
  if (!client.running) throw new Error(`ended early:\n${client.stderr || client.stdout}`)
  return {
    residentBytes: median(samples),
    peakBytes: Math.max(...samples),
    connections,
  }
}

function rowsOf(setting: Setting, empty: Held, full: Held) {
  const perUserKb = (bytes: number) => (bytes - empty.residentBytes) / setting.users / 1000
  const memory = { name: 'memory per user', unit: 'kB' }
  return [
    withinBudget(
      { ...memory, measured: perUserKb(full.residentBytes) },
      { atMost: budgetKbPerUser },
    ),
    informs({ name: 'memory per user, peak', unit: 'kB', measured: perUserKb(full.peakBytes) }),
    informs({
      name: 'empty run',
      unit: 'MB',
      measured: Number(megabytes(empty.residentBytes)),
    }),
    informs(
      { name: 'open connections', unit: 'connections', measured: full.connections },
      setting.users,
    ),
  ]
}

const notesOf = (empty: Held, full: Held): string[] => [
  `median resident memory ${megabytes(full.residentBytes)} MB, ` +
    `peak ${megabytes(full.peakBytes)} MB; with one user ${megabytes(empty.residentBytes)} MB`,
]

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

export const memory: Bench = {
  name: 'memory',
  budget: `at most ${budgetKbPerUser} kB per user beyond the empty run`,
  run,
}
