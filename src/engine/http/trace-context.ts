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

// Where things stand in '00-<trace id>-<span id>-01', which is 55 characters long.
const idAt = 3
const randomAt = idAt + 18
const spanAt = 36
const flagAt = 54
const headerLength = 55
const headersPerBatch = 32
const hexDigits = Buffer.from('0123456789abcdef', 'latin1')
/** Hex digits of an id's random part that decide whether it is sampled. */
const decidingDigits = 7

/**
 * A trace id is 10 digits of the worker, 8 of a counter and 14 random ones:
 *
 *   |-- worker, random --|-- counter --|------- random -------|
 *   0                    10            18                     32
 *
 * Whether it is sampled follows from its first random digits, so the decision can be made again
 * by whoever sees the id: sampled when the 56 random bits are at or above (1 - ratio) * 2^56, W3C's
 * consistent probability sampling, here with the upper 28 bits.
 *
 * Headers are written 32 at a time into bytes that become one text, and an id is a piece of that:
 * putting each together from small texts takes three times as long.
 */
class WorkerTracing implements Tracing {
  readonly baggage: string
  readonly #unsampledBelow: number
  readonly #random: () => number
  readonly #bytes: Buffer
  #counter = 0
  #batch = ''
  #nextAt = 0
  /** The id given last, whose header is ready: nearly always it is the one that is asked for. */
  #lastId = ''
  #lastHeader = ''

  constructor({ runId, sampledRatio, seed = systemSeed() }: TracingOptions) {
    this.baggage = `synthetic_request=true,loadstone.run=${encodeURIComponent(runId)}`
    this.#unsampledBelow = Math.round((1 - sampledRatio) * 16 ** decidingDigits)
    this.#random = xoshiro(seed.subarray(2))
    const worker = hex(seed[0] ?? 0, 8) + hex(seed[1] ?? 0, 2)
    const empty = `00-${worker.padEnd(32, '0')}-${'0'.repeat(16)}-00`
    this.#bytes = Buffer.from(empty.repeat(headersPerBatch), 'latin1')
  }

  newTraceId(): string {
    if (this.#nextAt === this.#batch.length) this.#writeBatch()
    const start = this.#nextAt
    this.#nextAt = start + headerLength
    this.#lastHeader = this.#batch.slice(start, start + headerLength)
    return (this.#lastId = this.#batch.slice(start + idAt, start + idAt + 32))
  }

  traceparent(traceId: string): string {
    if (traceId === this.#lastId) {
      // A span id is used once: the next header of this trace is another span.
      this.#lastId = ''
      return this.#lastHeader
    }
    const spanId = hex(this.#random() | 1, 8) + hex(this.#random(), 8)
    const deciding = Number.parseInt(traceId.slice(18, 18 + decidingDigits), 16)
    return `00-${traceId}-${spanId}-${deciding >= this.#unsampledBelow ? '01' : '00'}`
  }

  #writeBatch(): void {
    const bytes = this.#bytes
    for (let start = 0; start < bytes.length; start += headerLength) this.#writeHeader(start)
    this.#batch = bytes.toString('latin1')
    this.#nextAt = 0
  }

  #writeHeader(start: number): void {
    const bytes = this.#bytes
    const deciding = this.#random() >>> 4
    putHex(bytes, start + idAt + 10, this.#counter, 8)
    this.#counter = (this.#counter + 1) | 0
    putHex(bytes, start + randomAt, deciding, decidingDigits)
    putHex(bytes, start + randomAt + decidingDigits, this.#random() >>> 4, 7)
    // A span id must not be all zeros.
    putHex(bytes, start + spanAt, this.#random() | 1, 8)
    putHex(bytes, start + spanAt + 8, this.#random(), 8)
    bytes[start + flagAt] = hexDigits[deciding >= this.#unsampledBelow ? 1 : 0]!
  }
}

/** Writes the lowest `digits` hex digits of a 32-bit word. */
function putHex(bytes: Uint8Array, at: number, word: number, digits: number): void {
  let rest = word
  for (let to = at + digits - 1; to >= at; to--) {
    bytes[to] = hexDigits[rest & 15]!
    rest >>>= 4
  }
}

function hex(word: number, digits: number): string {
  return (word >>> 0).toString(16).padStart(8, '0').slice(-digits)
}

/** xoshiro128**, Blackman and Vigna: 32 good random bits for a few shifts. */
function xoshiro(seed: Uint32Array): () => number {
  let a = (seed[0] ?? 0) | 0
  let b = (seed[1] ?? 0) | 0
  let c = (seed[2] ?? 0) | 0
  // A state of four zeros would stay there.
  let d = (seed[3] ?? 0) | 1
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }
}

const rotate = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits))

function systemSeed(): Uint32Array {
  return randomFillSync(new Uint32Array(6))
}
