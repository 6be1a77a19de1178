export { Histogram } from './histogram.ts'
export type { HistogramBucket, PackedHistogram } from './packed-histogram.ts'
export { Recorder, type RecorderOptions } from './record/recorder.ts'
export { NameTable } from './record/name-table.ts'
export {
  RunAccumulator,
  type MergedSecond,
  type RunAccumulatorOptions,
  type RunEndFacts,
} from './merge/run-accumulator.ts'
export { runModel, type ScenarioModel } from './merge/run-totals.ts'
export { isLatency, parseThreshold } from './judge/parse-threshold.ts'
export { ThresholdWatch } from './judge/threshold-watch.ts'
export { decideExit, type ExitFacts } from './judge/decide-exit.ts'
export type * from './sample.ts'
export type * from './window.ts'
export type * from './run-summary.ts'
export type * from './mark.ts'
export type * from './user-span.ts'
export type * from './threshold.ts'
export type * from './validity.ts'
export {
  amendedSecond,
  emptySecond,
  mergedSeconds,
  mergingSeconds,
  secondOf,
  type Merging,
} from './seconds/merge-seconds.ts'
export { withFewerKept } from './seconds/fewer-kept.ts'
export { framedSeconds, Framing } from './seconds/framing.ts'
export { windowsOfSecond } from './seconds/replay.ts'
export { decodeSecond, encodeSecond } from './seconds/second-codec.ts'
export type * from './seconds/run-second.ts'
