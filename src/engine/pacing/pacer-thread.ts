import { parentPort, workerData } from 'node:worker_threads'
import { assert, clockFromNow } from '../../base/index.ts'
import type { PacerThreadData } from './thread-pacer.ts'

/**
 * The helper thread: sleeps as long as the worker's order says and then wakes the worker. A
 * sleeping thread rings within about 0.1 ms, where an event loop's timer takes a whole one.
 *
 * An order is a delay, not a time: the clocks of two threads agree only as well as the machine's
 * wall clock behaved between their starts.
 */
const { order, delayUs } = workerData as PacerThreadData
assert(parentPort !== null, 'the pacer thread was not started as a thread')
const port = parentPort
const clock = clockFromNow()

port.postMessage('ready')
let followed = 0
Atomics.wait(order, 0, followed)
for (;;) {
  const current = Atomics.load(order, 0)
  if (current < 0) break
  const dueUs = clock.nowUs() + delayUs[0]!
  followed = current
  waitFor(dueUs)
  if (Atomics.load(order, 0) !== followed) continue
  port.postMessage(followed)
  Atomics.wait(order, 0, followed)
}

/** Returns at `dueUs`, or as soon as there is another order. */
function waitFor(dueUs: number): void {
  for (;;) {
    const leftMs = (dueUs - clock.nowUs()) / 1000
    if (leftMs <= 0 || Atomics.wait(order, 0, followed, leftMs) !== 'timed-out') return
  }
}
