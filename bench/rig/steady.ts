import { setTimeout as sleep } from 'node:timers/promises'
import type { Nginx } from '../targets/nginx.ts'
import { Process, type Launch } from './process.ts'
import { cpuSecondsOfTree } from './process-tree.ts'

export interface SteadyTiming {
  /** From the first request to the first look: connections open, code compiled. */
  readonly settleMs: number
  /** Between the first look and the last. */
  readonly windowMs: number
}

export interface Steady {
  readonly requestsPerSecond: number
  /** User and system time of all the client's processes and threads. */
  readonly requestsPerCpuSecond: number
  /** CPU seconds per second: 1 is one whole core. */
  readonly clientCpuRatio: number
  /** Of the busiest server worker. */
  readonly serverCpuRatio: number
  /** Best quarter of the window to its worst: 1 when the rate did not change at all. */
  readonly jumpRatio: number
  /** From launching the client to its first request, s. */
  readonly startUpSeconds: number
  /** CPU spent until the first request, s: paid once a run, left out of the rate. */
  readonly startUpCpuSeconds: number
}

interface Look {
  readonly atSeconds: number
  readonly requests: number
  readonly clientCpuSeconds: number
  readonly serverCpuSeconds: readonly number[]
}

async function look(client: Process, server: Nginx): Promise<Look> {
  const requests = await server.requests()
  return {
    atSeconds: performance.now() / 1000,
    requests,
    clientCpuSeconds: cpuSecondsOfTree(client.pid),
    serverCpuSeconds: server.cpuSecondsPerWorker(),
  }
}

/** Waits until the server has seen a request of this client; throws when the client ends first. */
async function firstRequest(client: Process, server: Nginx, before: number): Promise<void> {
  while ((await server.requests()) <= before) {
    if (!client.running) throw new Error(`no request came:\n${client.stderr || client.stdout}`)
    await sleep(10)
  }
}

const rateBetween = (from: Look, to: Look) =>
  (to.requests - from.requests) / (to.atSeconds - from.atSeconds)

function ofLooks(looks: readonly Look[]): Omit<Steady, 'startUpSeconds' | 'startUpCpuSeconds'> {
  const [from, to] = [looks[0], looks.at(-1)]
  if (from === undefined || to === undefined) throw new Error('no looks')
  const seconds = to.atSeconds - from.atSeconds
  const cpuSeconds = to.clientCpuSeconds - from.clientCpuSeconds
  const busy = to.serverCpuSeconds.map((at, index) => at - (from.serverCpuSeconds[index] ?? 0))
  const rates = looks.slice(1).map((at, index) => rateBetween(looks[index] ?? at, at))
  return {
    requestsPerSecond: rateBetween(from, to),
    requestsPerCpuSecond: (to.requests - from.requests) / cpuSeconds,
    clientCpuRatio: cpuSeconds / seconds,
    serverCpuRatio: Math.max(...busy) / seconds,
    jumpRatio: Math.max(...rates) / Math.min(...rates),
  }
}

/**
 * Rate and CPU cost of a client that runs against `server`, between two moments of its steady
 * state. The client must run longer than settle and window together; it is left running.
 */
async function measureSteady(
  client: Process,
  server: Nginx,
  timing: SteadyTiming,
): Promise<Steady> {
  const launched = await look(client, server)
  await firstRequest(client, server, launched.requests)
  const first = await look(client, server)
  await sleep(timing.settleMs)
  const looks = [await look(client, server)]
  for (let quarter = 0; quarter < 4; quarter++) {
    await sleep(timing.windowMs / 4)
    looks.push(await look(client, server))
  }
  if (!client.running) throw new Error(`ended early:\n${client.stderr || client.stdout}`)
  return {
    ...ofLooks(looks),
    startUpSeconds: first.atSeconds - launched.atSeconds,
    startUpCpuSeconds: first.clientCpuSeconds,
  }
}

/** Launches a client, measures it, and ends it. */
export async function steadyOf(
  launch: Launch,
  server: Nginx,
  timing: SteadyTiming,
): Promise<Steady> {
  await using client = new Process(launch)
  return await measureSteady(client, server, timing)
}

/** How long a client must be told to run for `timing`, whole s: start-up of the slow ones too. */
export const clientSeconds = (timing: SteadyTiming): number =>
  Math.ceil((timing.settleMs + timing.windowMs) / 1000) + 3
