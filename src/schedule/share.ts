import type { Share } from './load-profile.ts'

/**
 * How many of the items 0 .. `items` - 1 belong to `share`: those whose number is index modulo
 * count.
 */
export function countOfShare(items: number, share: Share): number {
  return items > share.index ? Math.ceil((items - share.index) / share.count) : 0
}

/**
 * The share among the workers that have a virtual user to work with: with fewer users than workers
 * the last workers stay idle, and this is undefined for them.
 */
export function shareWithUsers(users: number, share: Share): Share | undefined {
  const count = Math.min(users, share.count)
  return share.index < count ? { index: share.index, count } : undefined
}
