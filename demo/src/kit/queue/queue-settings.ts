const defaults = {
  /** Messages worked at the same time by this process; 0 stops it from taking any. */
  consumers: 4,
  /** Messages a consumer takes at once and works in turn: those behind a slow one wait. */
  prefetch: 1,
  /** How often an idle process looks for messages that came by another one. */
  pollMs: 250,
  /** A message comes back when its consumer has not been heard of for so long. */
  leaseMs: 15_000,
  /** After so many tries a message is 'failed' and stays where it is. */
  triesMax: 3,
  /** Pause before the second try; doubled each time. */
  retryPauseMs: 500,
  /** Messages of one topic that may wait; beyond that a new one is refused with 429. */
  queueDepthMax: 5_000,
  /** Messages of one partition are worked one after another, in the order they came. */
  ordered: false,
  /** Partitions that keys are spread over, 1 to 64. */
  partitions: 16,
}

/** How one service's queues are filled and worked. Every value is read at each use. */
export type QueueSettings = typeof defaults

/** A service's queue settings: the defaults with what differs. */
export function queueSettings(differing: Partial<QueueSettings> = {}): QueueSettings {
  return { ...defaults, ...differing }
}
