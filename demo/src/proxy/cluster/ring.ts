import { textHash } from '../../kit/text-hash.ts'

/** Points of each endpoint on the ring: the shares differ by some 10 %. */
const pointsPerEndpoint = 160

interface Point {
  readonly hash: number
  readonly id: string
}

/**
 * Consistent hashing (Envoy's ring hash): a key belongs to the first point at or after its hash.
 * An endpoint's points depend on its id only: one that comes or goes moves no key between others.
 */
export class HashRing {
  readonly #points: readonly Point[]

  constructor(ids: readonly string[]) {
    this.#points = ids.flatMap(pointsOf).sort(byHash)
  }

  /** The first endpoint from the key's place on for which `usable` is true; undefined for none. */
  find(key: string, usable: (id: string) => boolean): string | undefined {
    const start = this.#firstFrom(textHash(key))
    for (let step = 0; step < this.#points.length; step += 1) {
      const { id } = this.#points[(start + step) % this.#points.length]!
      if (usable(id)) return id
    }
    return undefined
  }

  #firstFrom(hash: number): number {
    let low = 0
    let high = this.#points.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#points[middle]!.hash < hash) low = middle + 1
      else high = middle
    }
    return low
  }
}

function pointsOf(id: string): Point[] {
  return Array.from({ length: pointsPerEndpoint }, (_, index) => ({
    hash: textHash(`${id}_${index}`),
    id,
  }))
}

/** Equal hashes are put in the order of the ids, so that the ring does not depend on theirs. */
function byHash(one: Point, other: Point): number {
  return one.hash - other.hash || (one.id < other.id ? -1 : 1)
}
