import {
  comparedRunOf,
  earlierPair,
  runToRunOf,
  type EarlierPair,
  type RunToRunFacts,
} from '../../report/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import { recordedOf } from './recorded.ts'

/** More pairs make the figure little better, and each has to be read whole. */
const pairsMax = 8
/** Bytes of seconds that are read for it at most. */
const readBytesMax = 200e6

/**
 * How much runs of the same script with the same tags differ, from the store that has the base: the
 * newest runs, two by two, each used once. Changes between them make the figure larger, and the
 * comparison more careful.
 */
export async function runToRunIn(store: RunStore, base: StoredRun): Promise<RunToRunFacts> {
  const runs = (await store.runs({ tags: base.plan.tags })).filter(run => isLike(run, base))
  const pairs: EarlierPair[] = []
  let readBytes = 0
  for (let i = 0; i + 1 < runs.length && pairs.length < pairsMax; i += 2) {
    const [newer, older] = [runs[i]!, runs[i + 1]!]
    readBytes += newer.storedBytes + older.storedBytes
    if (readBytes > readBytesMax) break
    const pair = earlierPair(
      comparedRunOf(await recordedOf(store, older)),
      comparedRunOf(await recordedOf(store, newer)),
    )
    if (pair !== undefined) pairs.push(pair)
  }
  return runToRunOf(pairs)
}

function isLike(run: StoredRun, base: StoredRun): boolean {
  const tagCount = (one: StoredRun) => Object.keys(one.plan.tags).length
  return (
    run.state === 'finished' &&
    run.end?.valid === true &&
    run.plan.script === base.plan.script &&
    tagCount(run) === tagCount(base)
  )
}
