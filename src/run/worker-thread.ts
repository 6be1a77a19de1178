import { parentPort } from 'node:worker_threads'
import { assert } from '../base/index.ts'
import type { ToWorker } from './messages.ts'
import { RunWorker } from './worker.ts'
import { consoleTo } from './working/script-console.ts'

/** Entry of a worker thread: the messages of its port, and whatever nobody caught. */
assert(parentPort !== null, 'worker-thread is the entry of a thread, not a module to import')
const port = parentPort

const worker = new RunWorker(
  message => port.postMessage(message),
  log => {
    globalThis.console = consoleTo(log)
  },
)
port.on('message', (message: ToWorker) => worker.receive(message))
process.on('uncaughtException', thrown => worker.fault(thrown))
process.on('unhandledRejection', thrown => worker.fault(thrown))
process.on('exit', () => worker.leave())
