/**
 * Time inside a process is µs since run start on the monotonic clock. This is the only file that
 * reads time or sets timers; everyone else is given a Clock, so tests turn the hands themselves.
 */
export interface Clock {
  /** µs since the clock's origin; monotonic, fractional. Negative before the origin. */
  nowUs(): number
  /** Wall time in ms since 1970. For the edges only: names of files, `startedAt`, HTTP dates. */
  nowUnixMs(): number
  /**
   * Calls back once, at least `delayUs` µs from now (0 or less: in the next turn). The timer keeps
   * the process alive. Returns a function that cancels it; cancelling twice is harmless.
   */
  after(delayUs: number, callback: () => void): () => void
}

/**
 * The real clock. `originUnixMs` is the wall time that becomes 0 µs; every worker of a run makes
 * its clock from the same `startAtUnixMs`, which is how their windows line up.
 *
 * The wall clock is read once: from then on only the monotonic clock counts, so a wall clock that
 * is set during a run moves nothing.
 */
export function clockFrom(originUnixMs: number): Clock {
  const originMs = originUnixMs - performance.timeOrigin
  return {
    nowUs: () => (performance.now() - originMs) * 1000,
    nowUnixMs: () => Date.now(),
    after: (delayUs, callback) => {
      // Node cuts delays to whole ms and counts from a time it read earlier in the turn, so a timer
      // can ring up to 1 ms early: what is missing is waited for.
      const dueMs = performance.now() + delayUs / 1000
      const ring = () => {
        const leftMs = dueMs - performance.now()
        if (leftMs > 0) timer = setTimeout(ring, Math.ceil(leftMs))
        else callback()
      }
      let timer = setTimeout(ring, Math.max(0, Math.ceil(delayUs / 1000)))
      return () => clearTimeout(timer)
    },
  }
}

/** Wall time now with sub-millisecond resolution, ms since 1970: the origin for `clockFrom`. */
export function wallNowUnixMs(): number {
  return performance.timeOrigin + performance.now()
}

/** A clock whose origin is this moment. */
export function clockFromNow(): Clock {
  return clockFrom(wallNowUnixMs())
}

/** Resolves after `delayUs` µs, or as soon as the signal aborts. Never rejects. */
export function pause(clock: Clock, delayUs: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(delayUs, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}
