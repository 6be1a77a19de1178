import { BestKept } from '../merge/best-kept.ts'
import type { RunSecond } from './run-second.ts'

/**
 * The second with at most `max` of its kept samples: of every series first the slowest good one and
 * the first failed one, then the next of each. Failed ones that go are counted as dropped.
 */
export function withFewerKept(second: RunSecond, max: number): RunSecond {
  if (second.kept.length <= max) return second
  const best = new BestKept()
  best.add(second.kept)
  const kept = best.list().kept.slice(0, max)
  const failed = (list: RunSecond['kept']) => list.filter(({ why }) => why === 'failed').length
  const keptDropped = second.keptDropped + failed(second.kept) - failed(kept)
  return { ...second, kept, keptDropped }
}
