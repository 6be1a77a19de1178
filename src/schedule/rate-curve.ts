import type { RateSegment } from './load-profile.ts'

/** Rounding of sums of rate x time: less than this of an arrival is not one. */
const toleranceArrivals = 1e-6

/** One segment with what came before it. */
interface Piece {
  readonly startsAtUs: number
  /** Expected arrivals before this piece, and up to its end. */
  readonly before: number
  readonly upTo: number
  readonly fromPerUs: number
  /** Change of the rate, arrivals per µs per µs. */
  readonly slope: number
  readonly durationUs: number
}

/**
 * The expected number of arrivals up to a time, N(t) = integral of the rate, and its inverse. The
 * rate is piecewise linear, so N is piecewise quadratic. Calls of `timeOf` with growing counts walk
 * the pieces once: constant time per arrival.
 */
export class RateCurve {
  readonly totalArrivals: number
  readonly #pieces: readonly Piece[]
  #current = 0

  constructor(segments: readonly RateSegment[]) {
    this.#pieces = piecesOf(segments)
    this.totalArrivals = this.#pieces.at(-1)?.upTo ?? 0
  }

  /**
   * True when the count goes beyond `arrivals`: an arrival with that count before it takes place.
   */
  exceeds(arrivals: number): boolean {
    return this.totalArrivals - arrivals > toleranceArrivals
  }

  /**
   * The moment from which N(t) exceeds `arrivals`, µs; a stretch of rate 0 is waited out, never
   * started in. Ask with growing counts only, each below `totalArrivals`.
   */
  timeOf(arrivals: number): number {
    let piece = this.#pieces[this.#current]
    while (piece !== undefined && piece.upTo - arrivals <= toleranceArrivals) {
      piece = this.#pieces[++this.#current]
    }
    if (piece === undefined) return Infinity
    return piece.startsAtUs + timeWithin(piece, Math.max(0, arrivals - piece.before))
  }
}

/**
 * Solves from·t + slope·t²/2 = arrivals for t. The usual root formula loses all digits for a small
 * slope or few arrivals; its conjugate 2n / (from + sqrt(from² + 2·slope·n)) does not.
 */
function timeWithin(piece: Piece, arrivals: number): number {
  if (arrivals === 0) return 0
  const root = Math.sqrt(Math.max(0, piece.fromPerUs ** 2 + 2 * piece.slope * arrivals))
  return Math.min(piece.durationUs, (2 * arrivals) / (piece.fromPerUs + root))
}

/** Segments that last and bring arrivals, or only last; a jump (0 µs) is no piece of its own. */
function piecesOf(segments: readonly RateSegment[]): Piece[] {
  const pieces: Piece[] = []
  let startsAtUs = 0
  let before = 0
  for (const { fromPerSecond, toPerSecond, durationUs } of segments) {
    if (durationUs <= 0) continue
    const upTo = before + (((fromPerSecond + toPerSecond) / 2) * durationUs) / 1e6
    pieces.push({
      startsAtUs,
      before,
      upTo,
      fromPerUs: fromPerSecond / 1e6,
      slope: (toPerSecond - fromPerSecond) / 1e6 / durationUs,
      durationUs,
    })
    startsAtUs += durationUs
    before = upTo
  }
  return pieces
}
