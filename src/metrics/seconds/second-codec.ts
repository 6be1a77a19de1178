import { assert } from '../../base/index.ts'
import type { CheckWindow, ScenarioWindow, SeriesWindow } from '../window.ts'
import { VarintReader, VarintWriter } from './varint.ts'
import type { RunSecond, WorkerSecond } from './run-second.ts'

const version = 1
const writer = new VarintWriter()
const utf8 = new TextEncoder()
const text = new TextDecoder()

/** A second without its histograms: each of them is a length, and follows in this order. */
type Head = [
  index: number,
  seconds: number,
  series: unknown[][],
  checks: CheckWindow[],
  scenarios: unknown[][],
  generators: unknown[][],
  rest: Pick<RunSecond, 'kept' | 'keptDropped' | 'foldedNames'>,
]

/**
 * A second as bytes: version, length of the head, head as JSON, then all histograms one after the
 * other. Equal histograms (latency and service time of a closed model) lie close together, so a
 * compressor takes the second one away.
 */
export function encodeSecond(second: RunSecond): Uint8Array {
  const blobs: Uint8Array[] = []
  const blob = (bytes: Uint8Array): number => {
    blobs.push(bytes)
    return bytes.length
  }
  const { kept, keptDropped, foldedNames } = second
  const head: Head = [
    second.index,
    second.seconds,
    second.series.map(one => [
      ...[one.kind, one.scenario, one.name, one.outcome, one.count],
      ...[blob(one.latency), blob(one.serviceTime)],
      ...[one.statuses, one.failures, one.bytesIn, one.bytesOut, one.retries],
    ]),
    [...second.checks],
    second.scenarios.map(({ startDelay, ...one }) => [one, blob(startDelay)]),
    second.generators.map(({ eventLoopDelay, ...one }) => [one, blob(eventLoopDelay)]),
    { kept, keptDropped, foldedNames },
  ]
  const json = utf8.encode(JSON.stringify(head))
  writer.write(version)
  writer.write(json.length)
  return joined([writer.take(), json, ...blobs])
}

/** The second that `encodeSecond` wrote. Bytes of another version or garbled ones throw. */
export function decodeSecond(bytes: Uint8Array): RunSecond {
  const reader = new VarintReader(bytes)
  const found = reader.read()
  assert(found === version, `a stored second is of version ${found}, not ${version}`)
  const length = reader.read()
  let offset = reader.offset + length
  assert(offset <= bytes.length, 'a stored second is cut off')
  const [index, seconds, series, checks, scenarios, generators, rest] = JSON.parse(
    text.decode(bytes.subarray(reader.offset, offset)),
  ) as Head
  const blob = (bytesLong: unknown): Uint8Array => {
    const end = offset + Number(bytesLong)
    assert(end <= bytes.length, 'a stored second is cut off')
    const taken = bytes.slice(offset, end)
    offset = end
    return taken
  }
  return {
    index,
    seconds,
    series: series.map(one => seriesOf(one, blob)),
    checks,
    scenarios: scenarios.map(([one, delay]) => {
      return { ...(one as Omit<ScenarioWindow, 'startDelay'>), startDelay: blob(delay) }
    }),
    generators: generators.map(([one, delay]) => {
      return { ...(one as Omit<WorkerSecond, 'eventLoopDelay'>), eventLoopDelay: blob(delay) }
    }),
    ...rest,
  }
}

function seriesOf(fields: readonly unknown[], blob: (length: unknown) => Uint8Array): SeriesWindow {
  const [kind, scenario, name, outcome, count, latency, serviceTime, statuses, failures] = fields
  const [bytesIn, bytesOut, retries] = fields.slice(9)
  return {
    ...{ kind, scenario, name, outcome, count },
    ...{ latency: blob(latency), serviceTime: blob(serviceTime) },
    ...{ statuses, failures, bytesIn, bytesOut, retries },
  } as SeriesWindow
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
