import type { Histogram } from './histogram.ts'

/** Whether the numbers speak of the target or of the generator. */
export interface Validity {
  readonly valid: boolean
  /** In words, each naming the limit that was met and what to do; empty when valid. */
  readonly reasons: readonly string[]
  readonly startDelay: Histogram
  readonly eventLoopDelay: Histogram
  /** Mean over the measured windows of the busiest worker, 0..1. */
  readonly eventLoopUtilization: number
  readonly workers: readonly WorkerLoad[]
  readonly keptDropped: number
}

export interface WorkerLoad {
  readonly worker: number
  /** Mean CPU seconds per second of the worker thread. */
  readonly cpuRatio: number
  readonly eventLoopUtilization: number
  readonly memoryBytes: number
}
