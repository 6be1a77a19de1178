import { textHash } from '../text-hash.ts'

/** Numbers of partitions are below this, so that one query can look at the head of each. */
export const partitionsLimit = 64

/** The partition of a key, 0 to `partitions` - 1: the same for the same key, spread evenly. */
export function partitionOf(key: string, partitions: number): number {
  return textHash(key) % Math.min(Math.max(1, Math.floor(partitions)), partitionsLimit)
}
