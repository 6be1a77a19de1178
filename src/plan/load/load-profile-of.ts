import type { LoadProfile, RateSegment, UserSegment } from '../../schedule/index.ts'
import type { ParsedLoad, ParsedStage } from './parsed-load.ts'

interface Segment {
  readonly from: number
  readonly to: number
  readonly durationUs: number
}

/** The piecewise linear profile of a load. A ramp starts at the level before it, 0 at first. */
export function loadProfileOf(load: ParsedLoad): LoadProfile {
  if (load.kind === 'iterations') return load
  const segments = segmentsOf(load.kind === 'stages' ? load.stages : stagesOf(load))
  if (load.kind === 'users' || (load.kind === 'stages' && load.by === 'users')) {
    return { kind: 'users', segments: segments.map(userSegment) }
  }
  const { poisson, maxUsers } = load
  return { kind: 'rate', segments: segments.map(rateSegment), poisson, maxUsers }
}

/** A ramp to the level, when there is one, and the rest of the duration at it. */
function stagesOf(load: Extract<ParsedLoad, { kind: 'users' | 'rate' }>): ParsedStage[] {
  const level = load.kind === 'users' ? load.users : load.startsPerSecond
  const hold = { level, durationUs: load.durationUs - load.rampUpUs, ramps: false }
  if (load.rampUpUs === 0) return [hold]
  const ramp = { level, durationUs: load.rampUpUs, ramps: true }
  return hold.durationUs === 0 ? [ramp] : [ramp, hold]
}

function segmentsOf(stages: readonly ParsedStage[]): Segment[] {
  const segments: Segment[] = []
  let from = 0
  for (const { level, durationUs, ramps } of stages) {
    segments.push({ from: ramps ? from : level, to: level, durationUs })
    from = level
  }
  return segments
}

const userSegment = ({ from, to, durationUs }: Segment): UserSegment => ({
  fromUsers: from,
  toUsers: to,
  durationUs,
})

const rateSegment = ({ from, to, durationUs }: Segment): RateSegment => ({
  fromPerSecond: from,
  toPerSecond: to,
  durationUs,
})
