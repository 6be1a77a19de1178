import { parentPort, workerData } from 'node:worker_threads'
import { assert, clockFrom } from '../../base/index.ts'
import type { PacerThreadData } from './thread-pacer.ts'

/**
 * The helper thread: sleeps until the worker's next start is due and then wakes the worker. A
 * sleeping thread rings within about 0.1 ms, where an event loop's timer takes a whole one.
 */
const { originUnixMs, order, due } = workerData as PacerThreadData
assert(parentPort !== null, 'the pacer thread was not started as a thread')
const port = parentPort
const clock = clockFrom(originUnixMs)

port.postMessage('ready')
for (;;) {
  const seen = Atomics.load(order, 0)
  if (seen < 0) break
  const delayMs = (due[0]! - clock.nowUs()) / 1000
  if (delayMs <= 0) {
    port.postMessage(seen)
    Atomics.wait(order, 0, seen)
  } else {
    Atomics.wait(order, 0, seen, delayMs)
  }
}
