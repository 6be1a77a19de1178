import { randomFillSync } from 'node:crypto'

/** Makes the trace headers of a run's exchanges. */
export interface Tracing {
  /**
   * A new trace: 32 hex digits of trace id. Unique over all workers and runs; the right-most 14
   * digits are random, as W3C Trace Context level 2 asks.
   */
  newTraceId(): string
  /** Value of `traceparent` for it: '00-<trace id>-<new span id>-<01 sampled | 00>'. */
  traceparent(traceId: string): string
  /** Value of `baggage`: names the run, so that services can tell test traffic. */
  readonly baggage: string
}

export interface TracingOptions {
  readonly runId: string
  /** Share of traces whose traceparent says "sampled", 0..1. */
  readonly sampledRatio: number
  /** Six random 32-bit words. @default from the system's random source, drawn once */
  readonly seed?: Uint32Array
}

/** The trace headers of one worker. Costs no system call after this one. */
export function createTracing(options: TracingOptions): Tracing {
  return new WorkerTracing(options)
}

/** The 12-bit numbers as three hex digits: looking up is faster than toString(16) and padding. */
const hex3 = Array.from({ length: 4096 }, (_, value) => value.toString(16).padStart(3, '0'))
const sampledDigits = 7

/**
 * A trace id is 10 digits of the worker, 8 of a counter and 14 random ones:
 *
 *   |-- worker, random --|-- counter --|------- random -------|
 *   0                    10            18                     32
 *
 * Whether it is sampled follows from its first random digits, so the decision can be made again
 * by whoever sees the id: sampled when the 56 random bits are at or above (1 - ratio) * 2^56, W3C's
 * consistent probability sampling, here with the upper 28 bits.
 */
class WorkerTracing implements Tracing {
  readonly baggage: string
  readonly #unsampledBelow: number
  readonly #worker: string
  /** Worker and the counter's digits above the last three: changes once in 4096 ids. */
  #left: string
  #counter = 0
  // xoshiro128**, Blackman and Vigna: 32 good bits for a few shifts.
  #a: number
  #b: number
  #c: number
  #d: number

  constructor({ runId, sampledRatio, seed = systemSeed() }: TracingOptions) {
    this.baggage = `synthetic_request=true,loadstone.run=${encodeURIComponent(runId)}`
    this.#unsampledBelow = Math.round((1 - sampledRatio) * 2 ** (4 * sampledDigits))
    const word = (index: number) => (seed[index] ?? 0) | 0
    this.#worker = hexDigits(word(0), 8) + hexDigits(word(1), 2)
    this.#left = `${this.#worker}00000`
    this.#a = word(2)
    this.#b = word(3)
    this.#c = word(4)
    // A state of four zeros would stay there.
    this.#d = word(5) | 1
  }

  newTraceId(): string {
    const count = this.#counter
    this.#counter = (count + 1) | 0
    if ((count & 0xfff) === 0) this.#left = this.#worker + hexDigits(count >>> 12, 5)
    const high = this.#next()
    const low = this.#next()
    return (
      this.#left +
      (hex3[count & 0xfff]! + hex3[high & 0xfff]! + hex3[(high >>> 12) & 0xfff]!) +
      (hex3[low & 0xfff]! + hex3[(low >>> 12) & 0xfff]!) +
      twoDigits(high >>> 24)
    )
  }

  traceparent(traceId: string): string {
    const high = this.#next()
    const low = this.#next()
    // The left digits come from a word that is never zero, so neither is the span id.
    const spanId =
      hex3[high & 0xfff]! +
      hex3[(high >>> 12) & 0xfff]! +
      twoDigits((high >>> 24) | 1) +
      (hex3[low & 0xfff]! + hex3[(low >>> 12) & 0xfff]! + twoDigits(low >>> 24))
    return `00-${traceId}-${spanId}-${this.#sampled(traceId) ? '01' : '00'}`
  }

  #sampled(traceId: string): boolean {
    if (this.#unsampledBelow === 0) return true
    const upper = Number.parseInt(traceId.slice(18, 18 + sampledDigits), 16)
    return upper >= this.#unsampledBelow
  }

  #next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotate(this.#d, 11)
    return result
  }
}

const rotate = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits))
const twoDigits = (value: number) => hex3[value & 0xff]!.slice(1)

function hexDigits(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(8, '0').slice(-digits)
}

function systemSeed(): Uint32Array {
  return randomFillSync(new Uint32Array(6))
}
