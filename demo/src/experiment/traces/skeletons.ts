import { Table } from '../table.ts'
import type { Span } from './otlp.ts'
import { rootOf, type SampledTraces } from './trace-sample.ts'

/** One span; texts are indexes into `strings`. */
export type SpanSkeleton = readonly [
  /** Index of the parent in the same trace; -1: it is not there. */
  parent: number,
  service: number,
  name: number,
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number,
  /** Since the start of the trace. */
  startUs: number,
  durationUs: number,
  /** 0 not said, 1 ok, 2 error. */
  status: number,
  /** Index into `attributeSets`. */
  attributes: number,
  /** Ids of other traces that it points to: a consumer's to the producers'. */
  ...links: string[],
]

export interface TraceSkeletons {
  readonly strings: readonly string[]
  /** Names and values of attributes; a value that is a text is an index, in a list of its own. */
  readonly attributeSets: readonly (readonly [
    name: number,
    value: number | boolean | readonly [text: number],
  ][])[]
  readonly traces: readonly {
    readonly id: string
    /** Since the start of the run; negative for what ran before. */
    readonly startUs: number
    /** By their start; the root is not always the first. */
    readonly spans: readonly SpanSkeleton[]
  }[]
  /** How many traces there were by root (service and name, texts as indexes). */
  readonly seen: readonly (readonly [service: number, name: number, traces: number])[]
}

/** Writes sampled traces small: each text and each set of attributes once. */
export function encodeTraces(sampled: SampledTraces, startedAtUnixMs: number): TraceSkeletons {
  const strings = new Table<string>()
  const sets = new Table<TraceSkeletons['attributeSets'][number]>()
  const traces = sampled.traces.map(({ traceId, spans }) => {
    const sorted = [...spans].sort((one, other) => one.startUnixUs - other.startUnixUs)
    const places = new Map(sorted.map((span, index) => [span.spanId, index]))
    const startUnixUs = rootOf(spans).startUnixUs
    const skeletons = sorted.map((span): SpanSkeleton => {
      const { service, name, kind, durationUs, status, linkedTraceIds } = span
      const own = span.parentSpanId === span.spanId ? -1 : places.get(span.parentSpanId)
      return [
        ...([own ?? -1, strings.index(service), strings.index(name), kind] as const),
        ...([span.startUnixUs - startUnixUs, durationUs, status] as const),
        ...([sets.index(attributeSet(span.attributes, strings)), ...linkedTraceIds] as const),
      ]
    })
    return { id: traceId, startUs: startUnixUs - startedAtUnixMs * 1_000, spans: skeletons }
  })
  const seen = sampled.seen.map(({ root, traces: count }) => {
    return [strings.index(root.service), strings.index(root.name), count] as const
  })
  return { strings: strings.values, attributeSets: sets.values, traces, seen }
}

/** The spans of a trace as they were, but for their ids, which are their places. */
export function decodeTrace(
  skeletons: TraceSkeletons,
  index: number,
  startedAtUnixMs: number,
): Span[] {
  const trace = skeletons.traces[index]
  if (!trace) return []
  const textAt = (place: number) => skeletons.strings[place] ?? ''
  return trace.spans.map((span, place) => {
    const [parent, service, name, kind, startUs, durationUs, status, set, ...links] = span
    const attributes = (skeletons.attributeSets[set] ?? []).map(([key, value]) => {
      return [textAt(key), Array.isArray(value) ? textAt(Number(value[0])) : value] as const
    })
    return {
      ...{ traceId: trace.id, spanId: String(place) },
      parentSpanId: parent === -1 ? '' : String(parent),
      ...{ service: textAt(service), name: textAt(name), kind, durationUs, status },
      startUnixUs: startedAtUnixMs * 1_000 + trace.startUs + startUs,
      attributes: Object.fromEntries(attributes) as Span['attributes'],
      linkedTraceIds: links,
    }
  })
}

function attributeSet(
  attributes: Span['attributes'],
  strings: Table<string>,
): TraceSkeletons['attributeSets'][number] {
  return Object.entries(attributes).map(([name, value]) => {
    const written = typeof value === 'string' ? ([strings.index(value)] as const) : value
    return [strings.index(name), written]
  })
}
