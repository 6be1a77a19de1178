/** What a target does by its own schedule, all in ms. */
export interface FreezeSchedule {
  readonly answerMs: number
  readonly freezeMs: number
  readonly periodMs: number
}

/**
 * Latency of a request that arrives `phaseMs` into a period whose first part is the freeze:
 * what arrives in the freeze is read at its end and answered then; what was read before, but is due
 * in the (next) freeze, is answered at that freeze's end.
 */
export function latencyAtMs(schedule: FreezeSchedule, phaseMs: number): number {
  const { answerMs, freezeMs, periodMs } = schedule
  if (phaseMs < freezeMs) return freezeMs - phaseMs + answerMs
  return phaseMs + answerMs > periodMs ? periodMs + freezeMs - phaseMs : answerMs
}

/**
 * Percentiles of the latency that evenly spaced arrivals meet over whole periods, by trying every
 * phase in steps of 0.01 ms. Independent of the rate and of where in a freeze the run begins.
 */
export function expectedPercentilesMs(
  schedule: FreezeSchedule,
  percentiles: readonly number[],
): number[] {
  const stepMs = 0.01
  const count = Math.round(schedule.periodMs / stepMs)
  const sorted = Float64Array.from({ length: count }, (_, index) =>
    latencyAtMs(schedule, (index + 0.5) * stepMs),
  ).sort()
  return percentiles.map(p => sorted[Math.ceil((p / 100) * count) - 1] ?? NaN)
}
