/**
 * What makes a process slower than its code: nothing of it in a healthy shop. The work is real
 * (documents are read and written, memory is filled), so that CPU time, event loop and garbage
 * collector show what they show in production.
 */
export interface BurdenSettings {
  /** Behind the version a process says it is of, '-2': what a new release changes. */
  versionSuffix: string
  /** CPU time of further work in each request. */
  extraCpuUs: number
  /** The process does nothing else for pauseMs of CPU time, every so often; 0: never. */
  pauseEveryMs: number
  pauseMs: number
  /** Small objects that the process keeps alive, as a cache in its memory does. */
  liveBytes: number
  /** The whole heap is collected at once, every so often; 0: when the collector thinks it fit. */
  collectEveryMs: number
  /** Answers from this size on are compressed as far as can be, in the event loop; 0: none. */
  compressFromBytes: number
}

export const noBurdens: BurdenSettings = {
  versionSuffix: '',
  extraCpuUs: 0,
  pauseEveryMs: 0,
  pauseMs: 0,
  liveBytes: 0,
  collectEveryMs: 0,
  compressFromBytes: 0,
}
