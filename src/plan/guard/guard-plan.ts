/** Most load a plan may make, all scenarios together. */
export interface PlanLimits {
  readonly maxUsers: number
  readonly maxStartsPerSecond: number
}
