import { seededRandom } from '../../base/index.ts'

export interface QueueOptions {
  readonly seed: number
  /** Which of the independent runs of this seed. */
  readonly stream: string
  readonly seconds: number
  readonly arrivalsPerSecond: number
  /** Mean time the server works on one request. */
  readonly serviceUs: number
  /** @default 1 */
  readonly servers?: number
  /** Standard deviation of the logarithm of lognormal service times. @default exponential */
  readonly logDeviation?: number
  /** Service takes up to this many times as long at first, less by 1 / e every 10 s. @default 1 */
  readonly coldFactor?: number
  /** Time on top of each request that keeps no server busy. @default 0 */
  readonly shiftUs?: number
  /** Factor on each latency, for runs that differ as a whole. @default 1 */
  readonly factor?: number
  /** Exponent on each latency above `stretchFromUs`, over it. @default 0 */
  readonly tailExponent?: number
  readonly stretchFromUs?: number
  /** Requests that take longer fail. @default never */
  readonly failAboveUs?: number
}

/** Latencies in order of arrival, and where each second begins among them. */
export interface QueueRun {
  readonly latenciesUs: Float64Array
  /** seconds + 1 indexes. */
  readonly secondStarts: Int32Array
  readonly failAboveUs: number
}

/**
 * Random arrivals at a constant rate before servers that take the first who waits: M/M/c, or M/G/c
 * with lognormal service. Latency is waiting time plus service time. An empty queue at the start is
 * no warm-up worth mentioning: the first 10 s are simulated and thrown away.
 */
export function queueRun(options: QueueOptions): QueueRun {
  const random = seededRandom(options.seed, options.stream)
  const meanGapUs = 1e6 / options.arrivalsPerSecond
  const startUs = 10e6
  const endUs = startUs + options.seconds * 1e6
  const freeAtUs = new Float64Array(options.servers ?? 1)
  const latenciesUs: number[] = []
  const secondStarts = new Int32Array(options.seconds + 1)
  let second = 0
  for (
    let atUs = random.exponential(meanGapUs);
    atUs < endUs;
    atUs += random.exponential(meanGapUs)
  ) {
    let first = 0
    for (let i = 1; i < freeAtUs.length; i++) if (freeAtUs[i]! < freeAtUs[first]!) first = i
    const beginUs = Math.max(atUs, freeAtUs[first]!)
    const endsUs = beginUs + serviceTimeUs(options, random, atUs - startUs)
    freeAtUs[first] = endsUs
    if (atUs < startUs) continue
    while (second * 1e6 <= atUs - startUs) secondStarts[second++] = latenciesUs.length
    latenciesUs.push(seen(options, endsUs - atUs))
  }
  while (second <= options.seconds) secondStarts[second++] = latenciesUs.length
  const failAboveUs = options.failAboveUs ?? Infinity
  return { latenciesUs: Float64Array.from(latenciesUs), secondStarts, failAboveUs }
}

type Random = ReturnType<typeof seededRandom>

function serviceTimeUs(options: QueueOptions, random: Random, sinceStartUs: number): number {
  const { serviceUs, logDeviation, coldFactor = 1 } = options
  const cold = 1 + (coldFactor - 1) * Math.exp(-Math.max(0, sinceStartUs) / 10e6)
  if (logDeviation === undefined) return random.exponential(serviceUs * cold)
  return serviceUs * cold * Math.exp(logDeviation * normal(random) - logDeviation ** 2 / 2)
}

/** A standard normal value (Box & Muller 1958). */
export function normal(random: Random): number {
  return Math.sqrt(random.exponential(2)) * Math.cos(2 * Math.PI * random.float())
}

function seen(options: QueueOptions, latencyUs: number): number {
  const { shiftUs = 0, factor = 1, tailExponent = 0, stretchFromUs = 1 } = options
  const shiftedUs = latencyUs + shiftUs
  const tail = shiftedUs > stretchFromUs ? (shiftedUs / stretchFromUs) ** tailExponent : 1
  return shiftedUs * factor * tail
}
