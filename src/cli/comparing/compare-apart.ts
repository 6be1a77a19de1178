import { Worker } from 'node:worker_threads'
import { InternalError, siblingModule, UsageError } from '../../base/index.ts'
import type { ComparisonReport } from '../../report/index.ts'

/** What the thread is told: ids of two runs of one store. */
export interface CompareOrder {
  readonly place: string
  readonly base: string
  readonly candidate: string
}

/** What it says in the end; a UsageError does not survive the way between threads. */
export type CompareOutcome =
  | { readonly report: ComparisonReport }
  | { readonly unknownRun: string }
  | { readonly unusableStore: string }

/**
 * Compares two stored runs in a thread of its own, so that this one can go on with whatever it
 * serves. When `signal` fires the thread is ended, and this rejects with its reason. Resolves and
 * rejects only when the thread is gone.
 */
export async function compareApart(
  order: CompareOrder,
  signal: AbortSignal,
): Promise<ComparisonReport> {
  signal.throwIfAborted()
  const thread = new Worker(siblingModule(import.meta.url, 'compare-thread'), {
    ...{ workerData: order, name: 'loadstone comparison' },
  })
  const end = () => void thread.terminate()
  signal.addEventListener('abort', end, { once: true })
  try {
    const outcome = await outcomeOf(thread)
    signal.throwIfAborted()
    return reportIn(outcome)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** What the thread said, once it has ended; undefined when it said nothing. */
function outcomeOf(thread: Worker): Promise<CompareOutcome | undefined> {
  return new Promise((resolve, reject) => {
    let outcome: CompareOutcome | undefined
    thread.on('message', (message: CompareOutcome) => (outcome = message))
    thread.on('error', reject)
    thread.on('exit', () => resolve(outcome))
  })
}

function reportIn(outcome: CompareOutcome | undefined): ComparisonReport {
  if (outcome === undefined) throw new InternalError('a comparison ended without a result')
  if ('unknownRun' in outcome) throw new UsageError('RUN_UNKNOWN', outcome.unknownRun)
  if ('unusableStore' in outcome) throw new UsageError('STORE_UNUSABLE', outcome.unusableStore)
  return outcome.report
}
