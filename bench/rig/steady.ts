import { setTimeout as sleep } from 'node:timers/promises'
import type { Nginx } from '../targets/nginx.ts'
import type { Nearness } from './core-distance.ts'
import { Process, type Launch } from './process.ts'
import { cpuSecondsOfTree } from './process-tree.ts'

export interface SteadyTiming {
  /** From the first request to the first window: connections open, code compiled. */
  readonly settleMs: number
  /** Length of one window. */
  readonly windowMs: number
  readonly windows: number
}

/** One window of a client's steady state. */
export interface Steady {
  readonly requestsPerSecond: number
  /** User and system time of all the client's processes and threads. */
  readonly requestsPerCpuSecond: number
  /** CPU seconds per second: 1 is one whole core. */
  readonly clientCpuRatio: number
  /** Of the busiest server worker. */
  readonly serverCpuRatio: number
  /** From launching the client to its first request, s. */
  readonly startUpSeconds: number
  /** CPU spent until the first request, s: paid once a run, left out of the rate. */
  readonly startUpCpuSeconds: number
  /** Undefined when it changed in the window, could not be told, or was not asked for. */
  readonly nearness: Nearness | undefined
}

interface Look {
  readonly atSeconds: number
  readonly requests: number
  readonly clientCpuSeconds: number
  readonly serverCpuSeconds: readonly number[]
}

type StartUp = Pick<Steady, 'startUpSeconds' | 'startUpCpuSeconds'>

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
async function startUp(client: Process, server: Nginx): Promise<StartUp> {
  const launched = await look(client, server)
  while ((await server.requests()) <= launched.requests) {
    if (!client.running) throw new Error(`no request came:\n${client.stderr || client.stdout}`)
    await sleep(10)
  }
  const first = await look(client, server)
  return {
    startUpSeconds: first.atSeconds - launched.atSeconds,
    startUpCpuSeconds: first.clientCpuSeconds,
  }
}

function between(from: Look, to: Look): Omit<Steady, keyof StartUp | 'nearness'> {
  const seconds = to.atSeconds - from.atSeconds
  const requests = to.requests - from.requests
  const cpuSeconds = to.clientCpuSeconds - from.clientCpuSeconds
  const busy = to.serverCpuSeconds.map((at, index) => at - (from.serverCpuSeconds[index] ?? 0))
  return {
    requestsPerSecond: requests / seconds,
    requestsPerCpuSecond: requests / cpuSeconds,
    clientCpuRatio: cpuSeconds / seconds,
    serverCpuRatio: Math.max(...busy) / seconds,
  }
}

/**
 * Launches a client against `server`, measures windows of its steady state, and ends it. The client
 * must be told to run longer than all of that takes (clientSeconds). `nearness` is asked before and
 * after each window.
 */
export async function steadyOf(
  launch: Launch,
  server: Nginx,
  timing: SteadyTiming,
  nearness: () => Promise<Nearness | undefined> = () => Promise.resolve(undefined),
): Promise<Steady[]> {
  await using client = new Process(launch)
  const started = await startUp(client, server)
  await sleep(timing.settleMs)
  const windows: Steady[] = []
  for (let index = 0; index < timing.windows; index++) {
    const before = await nearness()
    const from = await look(client, server)
    await sleep(timing.windowMs)
    const to = await look(client, server)
    const same = before === (await nearness())
    windows.push({ ...between(from, to), ...started, nearness: same ? before : undefined })
  }
  if (!client.running) throw new Error(`ended early:\n${client.stderr || client.stdout}`)
  return windows
}

/** How long a client must be told to run for `timing`, whole s: start-up of the slow ones too. */
export const clientSeconds = (timing: SteadyTiming): number =>
  Math.ceil((timing.settleMs + timing.windows * (timing.windowMs + 150)) / 1000) + 4
