import type { Clock } from '../../base/index.ts'

/** Wakes a worker when its next iteration is due. Variants: by a helper thread, by spinning. */
export interface Pacer {
  /**
   * Calls `wake` once, as soon after `atUs` as the pacer can, never before and never inside this
   * call. Replaces an earlier time that has not come; Infinity means no call.
   */
  wakeAt(atUs: number): void
  /** No call afterwards. */
  stop(): void
}

/** Makes a pacer that calls `wake`. */
export type MakePacer = (clock: Clock, wake: () => void) => Pacer
