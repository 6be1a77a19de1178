/**
 * How much load over time. By rate is the open model (iterations start on schedule, answers or
 * not); by users the closed one. A profile is piecewise linear: each segment goes from one level to
 * another in `durationUs` (a jump is a segment of 0 µs).
 */
export type LoadProfile =
  | { readonly kind: 'users'; readonly segments: readonly UserSegment[] }
  | {
      readonly kind: 'rate'
      readonly segments: readonly RateSegment[]
      readonly poisson: boolean
      /** Virtual users at most; an iteration that finds none idle is a counted drop. */
      readonly maxUsers: number
    }
  | {
      readonly kind: 'iterations'
      readonly iterations: number
      readonly users: number
      readonly maxDurationUs: number
    }

export interface UserSegment {
  readonly fromUsers: number
  readonly toUsers: number
  readonly durationUs: number
}

export interface RateSegment {
  readonly fromPerSecond: number
  readonly toPerSecond: number
  readonly durationUs: number
}

/** A worker's part of the plan: it takes every item whose number is `index` modulo `count`. */
export interface Share {
  /** 0-based. */
  readonly index: number
  /** 1 or more. */
  readonly count: number
}
