import { bucketCounts } from './buckets.ts'
import type { HistogramPoint, Labels, MetricFamily } from './metric-family.ts'

/** Content type of what `prometheusText` makes. */
export const prometheusTextType = 'text/plain; version=0.0.4; charset=utf-8'

/** Families as Prometheus scrapes them; `common` labels go with every series. */
export function prometheusText(families: readonly MetricFamily[], common: Labels): string {
  return families.map(family => familyText(family, common)).join('')
}

function familyText(family: MetricFamily, common: Labels): string {
  if (family.points.length === 0) return ''
  const { name, help, kind } = family
  const head = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${kind}\n`
  if (family.kind !== 'histogram') {
    const line = ({ labels, value }: (typeof family.points)[number]) =>
      `${name}${labelText({ ...common, ...labels })} ${value}\n`
    return head + family.points.map(line).join('')
  }
  const { boundsSeconds, points } = family
  const text = (point: HistogramPoint) => histogramText(name, boundsSeconds, withCommon(point))
  const withCommon = (point: HistogramPoint) => ({
    ...point,
    labels: { ...common, ...point.labels },
  })
  return head + points.map(text).join('')
}

function histogramText(
  name: string,
  boundsSeconds: readonly number[],
  { labels, histogram }: HistogramPoint,
): string {
  let below = 0
  const lines = bucketCounts(histogram, boundsSeconds).map((count, i) => {
    below += count
    const le = boundText(boundsSeconds[i])
    return `${name}_bucket${labelText({ ...labels, le })} ${below}\n`
  })
  const own = labelText(labels)
  const sumSeconds = histogram.sumUs / 1e6
  return `${lines.join('')}${name}_sum${own} ${sumSeconds}\n${name}_count${own} ${below}\n`
}

/** Value of the label `le`; undefined is the bucket above the last bound. */
export const boundText = (boundSeconds: number | undefined): string =>
  boundSeconds === undefined ? '+Inf' : String(boundSeconds)

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([key, value]) => `${key}="${escaped(value).replaceAll('"', '\\"')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
