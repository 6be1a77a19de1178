/** Numbers of partitions are below this, so that one query can look at the head of each. */
export const partitionsLimit = 64

/**
 * The partition of a key, 0 to `partitions` - 1: the same for the same key, and spread evenly over
 * many keys (FNV-1a over UTF-16 units, then mixed so that the low bits depend on all).
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return (hash >>> 0) % Math.min(Math.max(1, Math.floor(partitions)), partitionsLimit)
}
