import { bisect } from '../special/bisect.ts'
import { incompleteBeta } from '../special/incomplete-beta.ts'
import { logGamma } from '../special/log-gamma.ts'

/** Values and how often each was counted, smallest first: a histogram's buckets. */
export interface Bucket {
  readonly valueUs: number
  readonly count: number
}

export interface PercentileEstimate {
  readonly valueUs: number
  /** Standard error, µs: how much the value would vary from run to run of the same length. */
  readonly errorUs: number
}

/** Beta weights further than this many standard deviations from their mean are 0. */
const reach = 12

/**
 * A percentile as a weighted mean of all values, which varies less than a single one of them, with
 * its standard error. Both NaN without samples.
 *
 * Value: Harrell & Davis, "A new distribution-free quantile estimator", 1982: the weight of a
 * bucket is the difference of the Beta((n + 1) p, (n + 1) (1 - p)) distribution over its share of
 * the counts. From p99 on trimmed to the interval of highest density of width 1 / sqrt(n), so that
 * no far outlier has a say (A. Akinshin, "Trimmed Harrell-Davis quantile estimator", 2022). Error:
 * Maritz & Jarrett, "A note on estimating the variance of the sample median", 1978: the spread of
 * the values under such weights, with n the effective number of samples, since neighbours in time
 * are alike.
 *
 * @param percent 0..100, both excluded.
 * @param effectiveSamples above 0, at most the sum of counts. @default the sum of counts
 */
export function percentileWithError(
  buckets: readonly Bucket[],
  percent: number,
  effectiveSamples?: number,
): PercentileEstimate {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0)
  const effective = Math.min(effectiveSamples ?? count, count)
  const value = moments(buckets, weightFunction(count, percent), count)
  const error = moments(buckets, plainWeights(shapeOf(effective, percent)), count)
  return { valueUs: value.mean, errorUs: error.deviation }
}

/** Harrell-Davis percentile of the buckets, µs, without its error; NaN without samples. */
export function harrellDavis(buckets: readonly Bucket[], percent: number): number {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0)
  return moments(buckets, weightFunction(count, percent), count).mean
}

/** Share of the weight that lies at or below the share `x` of the samples. */
type Cumulated = (x: number) => number

interface BetaShape {
  readonly a: number
  readonly b: number
}

const shapeOf = (count: number, percent: number): BetaShape => ({
  a: (count + 1) * (percent / 100),
  b: (count + 1) * (1 - percent / 100),
})

const weightFunction = (count: number, percent: number): Cumulated =>
  percent >= 99
    ? trimmed(shapeOf(count, percent), 1 / Math.sqrt(count))
    : plainWeights(shapeOf(count, percent))

function plainWeights({ a, b }: BetaShape): Cumulated {
  const mean = a / (a + b)
  const far = reach * Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)))
  return x => (x < mean - far ? 0 : x > mean + far ? 1 : incompleteBeta(x, a, b))
}

function trimmed(shape: BetaShape, width: number): Cumulated {
  const low = densestStart(shape, width)
  const plain = plainWeights(shape)
  const below = plain(low)
  const inside = plain(low + width) - below
  return x => Math.min(1, Math.max(0, (plain(x) - below) / inside))
}

/** Start of the interval of that width in which the Beta density is highest. */
function densestStart({ a, b }: BetaShape, width: number): number {
  if (width >= 1) return 0
  if (a <= 1) return 0
  if (b <= 1) return 1 - width
  const mode = (a - 1) / (a + b - 2)
  const constant = logGamma(a + b) - logGamma(a) - logGamma(b)
  const logDensity = (x: number) => constant + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x)
  const isBelow = (start: number) => logDensity(start) < logDensity(start + width)
  return bisect(isBelow, Math.max(0, mode - width), Math.min(mode, 1 - width))
}

function moments(buckets: readonly Bucket[], cumulated: Cumulated, count: number) {
  if (count <= 0) return { mean: NaN, deviation: NaN }
  let seen = 0
  let reached = 0
  let mean = 0
  let squares = 0
  // Around a value of the data, not around 0: the difference of large squares would lose digits.
  const origin = buckets[buckets.length >> 1]!.valueUs
  for (const bucket of buckets) {
    seen += bucket.count
    const next = seen >= count ? 1 : cumulated(seen / count)
    const weight = next - reached
    reached = next
    mean += weight * (bucket.valueUs - origin)
    squares += weight * (bucket.valueUs - origin) ** 2
  }
  return { mean: origin + mean, deviation: Math.sqrt(Math.max(0, squares - mean * mean)) }
}
