import type { RateSegment } from './load-profile.ts'

/** A change of the rate while a run is under way. */
export interface RateChange {
  /** µs after run start; 0 or more. */
  readonly fromUs: number
  /** Above 0; 1 changes nothing. */
  readonly factor: number
}

/**
 * The profile with everything from `fromUs` on times the factor; a segment that is under way then
 * is cut in two. Its length stays.
 */
export function scaledFrom(
  segments: readonly RateSegment[],
  { fromUs, factor }: RateChange,
): RateSegment[] {
  let startsAtUs = 0
  return segments.flatMap(segment => {
    const doneUs = fromUs - startsAtUs
    startsAtUs += segment.durationUs
    if (doneUs <= 0) return [scaled(segment, factor)]
    if (doneUs >= segment.durationUs) return [segment]
    const { fromPerSecond, toPerSecond, durationUs } = segment
    const level = fromPerSecond + ((toPerSecond - fromPerSecond) * doneUs) / durationUs
    const rest = { fromPerSecond: level, toPerSecond, durationUs: durationUs - doneUs }
    return [{ fromPerSecond, toPerSecond: level, durationUs: doneUs }, scaled(rest, factor)]
  })
}

function scaled({ fromPerSecond, toPerSecond, durationUs }: RateSegment, factor: number) {
  return { fromPerSecond: fromPerSecond * factor, toPerSecond: toPerSecond * factor, durationUs }
}

/** The highest rate from a moment on, per second; 0 after the end. */
export function peakRateFrom(segments: readonly RateSegment[], fromUs: number): number {
  let startsAtUs = 0
  let peak = 0
  for (const segment of scaledFrom(segments, { fromUs, factor: 1 })) {
    const { fromPerSecond, toPerSecond, durationUs } = segment
    if (startsAtUs >= fromUs && durationUs > 0) {
      peak = Math.max(peak, fromPerSecond, toPerSecond)
    }
    startsAtUs += durationUs
  }
  return peak
}
