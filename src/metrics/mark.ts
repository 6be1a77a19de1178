/** Something that happened at a moment of the run, for the time axis. Plain data. */
export interface Mark {
  /** µs since run start. */
  readonly atUs: number
  readonly kind: 'stage' | 'users' | 'rate' | 'pause' | 'resume' | 'stop' | 'threshold' | 'fault'
  /** One line: 'stage 2: to 200 users', '+10 users by hand'. */
  readonly text: string
}
