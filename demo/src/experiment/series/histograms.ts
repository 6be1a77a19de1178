import { decodeValues, encodeValues, type EncodedValues, type Value } from './encode-values.ts'

/** Values of one series at the times of its target. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly Value[]
}

/** The bucket series of one histogram, without their `le`. */
export interface Histogram {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Texts of `le`, from the smallest to '+Inf'. */
  readonly bounds: readonly string[]
  /** For each bound what lies between it and the one below: not cumulative. */
  readonly counts: readonly (readonly Value[])[]
}

/** Counts of the buckets that ever held something, and of the last one, which shows the gaps. */
export type EncodedCounts = readonly (readonly [bucket: number, counts: EncodedValues])[]

const suffix = '_bucket'

/**
 * Takes the cumulative bucket series of histograms together. What is not a proper histogram (no
 * +Inf, counts that fall from one bucket to the next, other gaps in one of them) stays as it is.
 */
export function groupHistograms(all: readonly Series[]): {
  readonly plain: readonly Series[]
  readonly histograms: readonly Histogram[]
} {
  const plain: Series[] = []
  const histograms: Histogram[] = []
  for (const [key, group] of Map.groupBy(all, keyOf)) {
    const histogram = key === '' ? undefined : histogramOf(group)
    if (histogram) histograms.push(histogram)
    else plain.push(...group)
  }
  return { plain, histograms }
}

/** The bucket series that a histogram was made of. */
export function bucketSeries({ name, labels, bounds, counts }: Histogram): Series[] {
  let below: readonly Value[] = []
  return bounds.map((le, bucket) => {
    const own = counts[bucket] ?? []
    const values = own.map((count, at) =>
      count === undefined ? undefined : count + (below[at] ?? 0),
    )
    below = values
    return { name, labels: { ...labels, le }, values }
  })
}

export function encodeCounts({ counts }: Histogram): EncodedCounts {
  return counts.flatMap((own, bucket) => {
    const isEmpty = own.every(count => count === undefined || count === 0)
    return isEmpty && bucket < counts.length - 1 ? [] : [[bucket, encodeValues(own)] as const]
  })
}

/** Counts of `bounds` buckets at `times` times, as they were given to encodeCounts. */
export function decodeCounts(
  encoded: EncodedCounts,
  of: { readonly bounds: number; readonly times: number },
): Value[][] {
  const known = new Map(encoded.map(([bucket, own]) => [bucket, decodeValues(own, of.times)]))
  const last = known.get(of.bounds - 1) ?? []
  const zeros = last.map(value => (value === undefined ? undefined : 0))
  return Array.from({ length: of.bounds }, (_, bucket) => known.get(bucket) ?? zeros)
}

function keyOf({ name, labels }: Series): string {
  if (!name.endsWith(suffix) || !('le' in labels)) return ''
  const others = Object.entries(labels).filter(([label]) => label !== 'le')
  return JSON.stringify([name, others.sort(([one], [other]) => (one < other ? -1 : 1))])
}

const boundOf = ({ labels }: Series) => {
  const text = labels['le'] ?? ''
  return text === '+Inf' ? Infinity : Number(text)
}

function histogramOf(group: readonly Series[]): Histogram | undefined {
  const sorted = [...group].sort((one, other) => boundOf(one) - boundOf(other))
  const [first] = sorted
  const last = sorted.at(-1)
  if (!first || !last || boundOf(last) !== Infinity) return undefined
  const isRising = sorted.every((one, at) => at === 0 || boundOf(sorted[at - 1]!) < boundOf(one))
  if (!isRising) return undefined
  const counts: Value[][] = []
  for (const [bucket, { values }] of sorted.entries()) {
    const below = sorted[bucket - 1]?.values
    const own: Value[] = []
    for (const [at, value] of last.values.entries()) {
      const mine = values[at]
      if (value === undefined && mine === undefined) own.push(undefined)
      else {
        const count = (mine ?? NaN) - (below?.[at] ?? 0)
        if (!Number.isSafeInteger(count) || count < 0) return undefined
        own.push(count)
      }
    }
    counts.push(own)
  }
  const labels = Object.fromEntries(
    Object.entries(first.labels).filter(([label]) => label !== 'le'),
  )
  return { name: first.name, labels, bounds: sorted.map(one => one.labels['le'] ?? ''), counts }
}
