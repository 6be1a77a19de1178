export {
  defaultSettings,
  isShare,
  latencyMeasures,
  type ComparedRun,
  type ComparisonSettings,
  type LatencyMeasure,
  type Loads,
  type Measure,
  type MeasureComparison,
  type NameComparison,
  type Reason,
  type ReasonCode,
  type RunComparison,
  type RunUse,
  type ShareMeasure,
  type StretchFacts,
  type Verdict,
} from './comparison/comparison.ts'
export { compareRuns, type RunsToCompare } from './comparison/compare-runs.ts'
export { sliceOf, type Slice, type SliceSource } from './comparison/slices.ts'
export type { Effect } from './effects/latency-effect.ts'
export { runToRunFrom, type RunToRun, type SamePair } from './effects/run-to-run.ts'
export { falseDiscoveryRates } from './intervals/false-discovery.ts'
export { newcombe, type Share } from './intervals/newcombe.ts'
export { overdispersion, type PartCounts } from './intervals/overdispersion.ts'
export { blockLengthFor, resample } from './intervals/stationary-bootstrap.ts'
export { wilson, type Interval } from './intervals/wilson.ts'
export {
  harrellDavis,
  percentileWithError,
  type Bucket,
  type PercentileEstimate,
} from './percentiles/harrell-davis.ts'
export { highestPercentile } from './percentiles/highest-percentile.ts'
export { shiftFunction, type DecileShift, type Distribution } from './percentiles/shift-function.ts'
export { hodgesLehmann } from './robust/hodges-lehmann.ts'
export { median } from './robust/median.ts'
export { robustScale, type RobustScaleOptions } from './robust/robust-scale.ts'
export { theilSen, type Slope } from './robust/theil-sen.ts'
export { normalCdf, normalQuantile } from './special/normal.ts'
export { studentCdf, studentQuantile } from './special/student.ts'
export { autocorrelationTime, effectiveCount } from './steady/autocorrelation.ts'
export { driftOf, type Drift } from './steady/drift.ts'
export { changePoints } from './steady/ed-pelt.ts'
export { levelsOf, type Level } from './steady/levels.ts'
export { mser5, type Truncation } from './steady/mser.ts'
export {
  steadinessOf,
  type LevelChange,
  type SecondFigures,
  type Steadiness,
  type SteadyKind,
} from './steady/steadiness.ts'
