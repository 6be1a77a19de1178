import { parentPort, workerData } from 'node:worker_threads'
import { assert, UsageError } from '../../base/index.ts'
import { openStore } from '../../store/index.ts'
import type { CompareOrder, CompareOutcome } from './compare-apart.ts'
import { compareStored } from './compare-stored.ts'

/** Entry of the thread that compares two runs and ends. */
assert(parentPort !== null, 'compare-thread is the entry of a thread, not a module to import')
const port = parentPort
const order = workerData as CompareOrder

async function outcome(): Promise<CompareOutcome> {
  const store = await openStore(order.place, { mustExist: true })
  try {
    const [base, candidate] = [await store.find(order.base), await store.find(order.candidate)]
    return { report: await compareStored({ store, run: base }, { store, run: candidate }) }
  } finally {
    await store.close()
  }
}

function mistake(error: unknown): CompareOutcome {
  if (!(error instanceof UsageError)) throw error
  const { code, message } = error
  return code === 'RUN_UNKNOWN' ? { unknownRun: message } : { unusableStore: message }
}

port.postMessage(await outcome().catch(mistake))
