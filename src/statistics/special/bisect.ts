/**
 * The point in [low, high] where `isBelow` turns from true to false, to the last bit a float has
 * (at most 200 halvings). `isBelow` turns at most once: true everywhere gives `high`, nowhere gives
 * `low` or the next float.
 */
export function bisect(isBelow: (x: number) => boolean, low: number, high: number): number {
  let below = low
  let above = high
  for (let i = 0; i < 200; i++) {
    const middle = below + (above - below) / 2
    if (middle <= below || middle >= above) break
    if (isBelow(middle)) below = middle
    else above = middle
  }
  return above
}
