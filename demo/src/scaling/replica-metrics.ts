import { parseExposition, type Exposition } from '../kit/exposition.ts'
import type { AutoscalerSettings, ReplicaState } from './contract.ts'

/** What one look at a replica gave. */
export interface Reading {
  readonly atMs: number
  /** CPU time since its start. */
  readonly cpuSeconds: number | undefined
  readonly residentBytes: number | undefined
  /** Messages that wait in its queue; undefined without a queue. */
  readonly waitingMessages: number | undefined
}

/** What 'memory' is a share of. */
const memoryRequestBytes = 256 * 1024 * 1024

/** Values of the label `state` for messages that nobody works on yet; without it all count. */
const waitingStates: ReadonlySet<string | undefined> = new Set([undefined, 'waiting', 'queued'])

/** A replica's numbers, or undefined when it did not give them within the time. */
export async function readReplica(
  replica: ReplicaState,
  options: { readonly withinMs: number; readonly nowMs: () => number },
): Promise<Reading | undefined> {
  const page = await pageOf(replica.metricsUrl, options.withinMs)
  if (page === undefined) return undefined
  const { samples } = page
  const sumOf = (name: string): number | undefined => {
    const values = samples.filter(sample => {
      return sample.name === name && waitingStates.has(sample.labels['state'])
    })
    return values.length === 0 ? undefined : values.reduce((sum, { value }) => sum + value, 0)
  }
  return {
    atMs: options.nowMs(),
    cpuSeconds: sumOf('process_cpu_seconds_total'),
    residentBytes: sumOf('process_resident_memory_bytes'),
    waitingMessages: sumOf('messaging_queue_depth'),
  }
}

async function pageOf(url: string, withinMs: number): Promise<Exposition | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(withinMs) })
    return answer.ok ? parseExposition(await answer.text()) : undefined
  } catch {
    // A replica that cannot be asked has no number: the algorithm knows what to make of that.
    return undefined
  }
}

/**
 * Used share of the request between two readings of one replica, for 'cpu' and 'memory'. Undefined
 * when a reading is missing or the counter went back.
 */
export function usedShare(
  settings: Pick<AutoscalerSettings, 'metric' | 'cpuRequestCores'>,
  readings: { readonly before: Reading | undefined; readonly now: Reading | undefined },
): number | undefined {
  const { before, now } = readings
  if (settings.metric === 'memory') {
    return now?.residentBytes === undefined ? undefined : now.residentBytes / memoryRequestBytes
  }
  if (before?.cpuSeconds === undefined || now?.cpuSeconds === undefined) return undefined
  const seconds = (now.atMs - before.atMs) / 1_000
  const used = now.cpuSeconds - before.cpuSeconds
  return seconds <= 0 || used < 0 ? undefined : used / seconds / settings.cpuRequestCores
}

/** Every replica shows the same queue: the deepest look at it counts, as the newest one. */
export function waitingMessages(readings: Iterable<Reading | undefined>): number | undefined {
  const depths = [...readings].flatMap(reading => reading?.waitingMessages ?? [])
  return depths.length === 0 ? undefined : Math.max(...depths)
}
