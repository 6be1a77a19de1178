import {
  decodeSecond,
  encodeSecond,
  mergingSeconds,
  withFewerKept,
  type RunSecond,
} from '../../../src/metrics/index.ts'
import { inSlices, inSteps } from '../slices.ts'
import { pointsMost, wholeSpanOf, type Held } from './stretch.ts'

/** Samples kept whole in merged seconds, as in those that the server sends. */
const keptPerSpan = 50

/** Places in a list: [from, to). */
export interface Places {
  readonly from: number
  readonly to: number
}

/**
 * The oldest neighbours that would be one if this run were opened now; never from both sides of
 * `cut`, seconds since run start. Undefined when there are few enough.
 */
export function placesToThin(held: readonly Held[], cut: number): Places | undefined {
  const last = held.at(-1)
  if (last === undefined || held.length <= pointsMost) return undefined
  const span = wholeSpanOf(last.index + last.seconds)
  const spanOf = ({ index }: Held) => Math.floor(index / span)
  const isOneWith = (one: Held, next: Held | undefined) =>
    next !== undefined && spanOf(one) === spanOf(next) && one.index < cut === next.index < cut
  const from = held.findIndex((one, place) => isOneWith(one, held[place + 1]))
  const first = held[from]
  if (first === undefined) return undefined
  let to = from + 1
  while (isOneWith(first, held[to])) to += 1
  return { from, to }
}

/** Neighbours as one, merged a few milliseconds at a time. */
export async function thinned(group: readonly Held[]): Promise<{ held: Held; second: RunSecond }> {
  const seconds: RunSecond[] = []
  await inSlices(group, ({ bytes }) => seconds.push(decodeSecond(bytes)))
  const second = withFewerKept(await inSteps(mergingSeconds(seconds)), keptPerSpan)
  const { index, seconds: length } = second
  return { held: { index, seconds: length, bytes: encodeSecond(second) }, second }
}
