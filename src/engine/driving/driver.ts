/** Starts the iterations of one scenario when its load profile says so. Variants: closed, open. */
export interface Driver {
  /**
   * Resolves when no iteration can start any more and every user has ended. Rejects on a bug of
   * ours.
   */
  readonly ended: Promise<void>
  /** Nothing happens when it was stopped before. */
  start(): void
  setPaused(paused: boolean): void
  /** No new iterations; running ones have until `deadlineUs`. */
  stop(deadlineUs: number): void
}

/** The next turn of the event loop: answers come in, timers ring. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
