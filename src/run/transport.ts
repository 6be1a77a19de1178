import type { FromWorker, ToWorker } from './messages.ts'

/** A controller's line to one worker. Messages arrive in order, each once. */
export interface WorkerLink {
  readonly worker: number
  send(message: ToWorker): void
  onMessage(receive: (message: FromWorker) => void): void
  /** The worker is gone without having said 'ended': thread ended, connection lost. */
  onLost(report: (reason: string) => void): void
  /** Ends the worker if it still runs; resolves when it has truly ended. */
  close(): Promise<void>
}

/** Brings up workers and their lines. Variants: threads here, NATS elsewhere. */
export interface Transport {
  /** Resolves with one link per worker, in the order of their index. */
  connect(workers: number): Promise<readonly WorkerLink[]>
}
