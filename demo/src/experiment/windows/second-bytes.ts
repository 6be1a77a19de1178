import { noLatency, stepsPerUs, type Latency } from './latency.ts'

/** What the load generator's store has of one second; docs/store.md describes the bytes. */
export interface StoredSecond {
  /** Since the run began. */
  readonly second: number
  readonly series: readonly StoredSeries[]
  readonly scenarios: readonly StoredScenario[]
  readonly generators: readonly StoredGenerator[]
}

/** Exchanges (or steps, or polls) of one name and outcome that ended in the second. */
export interface StoredSeries {
  readonly kind: 'request' | 'step' | 'poll'
  readonly scenario: string
  readonly name: string
  readonly outcome: 'ok' | 'failed'
  readonly latency: Latency
  readonly serviceTime: Latency
  /** Answers by status; '0' is none. */
  readonly statuses: Readonly<Record<string, number>>
  readonly failures: readonly { readonly reason: string; readonly count: number }[]
}

export interface StoredScenario {
  readonly scenario: string
  /** At the end of the second. */
  readonly users: number
  readonly iterationsStarted: number
  readonly iterationsCompleted: number
  readonly iterationsFailed: number
  readonly iterationsInterrupted: number
  /** Iterations that never started, by reason. */
  readonly drops: Readonly<Record<string, number>>
  readonly startDelay: Latency
}

export interface StoredGenerator {
  readonly worker: number
  readonly cpuRatio: number
  readonly eventLoopUtilization: number
  readonly eventLoopDelay: Latency
}

const secondVersion = 1
const histogramVersion = 1

/** Reads a second; throws when it is of a version that this program does not know. */
export function decodeStoredSecond(bytes: Uint8Array): StoredSecond {
  const head = new Varints(bytes)
  const version = head.next()
  if (version !== secondVersion) throw unknownVersion('second', version)
  const length = head.next()
  let offset = head.offset + length
  const text = new TextDecoder().decode(bytes.subarray(head.offset, offset))
  /** Histograms follow the head in the order in which it tells their lengths. */
  const histogram = (bytesLong: number): Latency => {
    offset += bytesLong
    return decodeHistogram(bytes.subarray(offset - bytesLong, offset))
  }
  const [second, , series, , scenarios, generators] = JSON.parse(text) as Head
  return {
    second,
    series: series.map(([kind, scenario, name, outcome, , latency, serviceTime, ...rest]) => {
      const [statuses, failures] = rest
      const durations = { latency: histogram(latency), serviceTime: histogram(serviceTime) }
      return { kind, scenario, name, outcome, ...durations, statuses, failures }
    }),
    scenarios: scenarios.map(([one, delay]) => ({ ...one, startDelay: histogram(delay) })),
    generators: generators.map(([one, delay]) => ({ ...one, eventLoopDelay: histogram(delay) })),
  }
}

/** Of each histogram only its length in bytes. */
type Head = readonly [
  second: number,
  seconds: number,
  series: readonly [
    kind: StoredSeries['kind'],
    scenario: string,
    name: string,
    outcome: StoredSeries['outcome'],
    count: number,
    latency: number,
    serviceTime: number,
    statuses: StoredSeries['statuses'],
    failures: StoredSeries['failures'],
  ][],
  checks: unknown,
  scenarios: readonly [Omit<StoredScenario, 'startDelay'>, startDelay: number][],
  generators: readonly [Omit<StoredGenerator, 'eventLoopDelay'>, eventLoopDelay: number][],
]

/** version · count · min · max · sum · (gap to the bucket * 2 + (count > 1)) [count - 2] ... */
function decodeHistogram(bytes: Uint8Array): Latency {
  const varints = new Varints(bytes)
  const version = varints.next()
  if (version !== histogramVersion) throw unknownVersion('histogram', version)
  const count = varints.next()
  if (count === 0) return noLatency
  const minUs = varints.next() / stepsPerUs
  const maxUs = varints.next() / stepsPerUs
  const sumUs = varints.next() / stepsPerUs
  const buckets = new Map<number, number>()
  let next = 0
  while (varints.offset < bytes.length) {
    const gap = varints.next()
    const bucket = next + Math.floor(gap / 2)
    buckets.set(bucket, gap % 2 === 0 ? 1 : varints.next() + 2)
    next = bucket + 1
  }
  return { count, minUs, maxUs, sumUs, buckets }
}

/** Whole numbers in groups of seven bits, the lowest first. */
class Varints {
  readonly #bytes: Uint8Array
  offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  next(): number {
    let value = 0
    // Not by shifting: sums are larger than 32 bits.
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.offset++]
      if (byte === undefined) throw new Error('a stored second is cut off')
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
}

const unknownVersion = (what: string, version: number) =>
  new Error(`a stored ${what} is of version ${version}, which this program does not know`)
