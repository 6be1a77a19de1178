import type { Clock } from '../../base/index.ts'
import type { Recorder } from '../../metrics/index.ts'

/** Timers may ring a little early; a window asked too early would stay open for a second more. */
const marginUs = 2_000

/**
 * Closes windows shortly after every whole second of the clock and calls `onSecond` each time.
 * Returns a function that ends it.
 */
export function closeWindows(clock: Clock, recorder: Recorder, onSecond: () => void): () => void {
  let cancel = () => {}
  const wait = () => {
    const nowUs = clock.nowUs()
    const nextUs = (Math.floor(Math.max(0, nowUs) / 1e6) + 1) * 1e6
    cancel = clock.after(nextUs - nowUs + marginUs, () => {
      recorder.closeUpTo(clock.nowUs())
      onSecond()
      wait()
    })
  }
  wait()
  return () => cancel()
}
