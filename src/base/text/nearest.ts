/**
 * The known word that a misspelt one most likely meant: within a third of its length in edits,
 * rounded up; of several the nearest. undefined when nothing is near.
 */
export function nearest(seen: string, known: readonly string[]): string | undefined {
  const limit = Math.ceil(seen.length / 3)
  let best: string | undefined
  let bestEdits = limit + 1
  for (const word of known) {
    const edits = editsBetween(seen.toLowerCase(), word.toLowerCase())
    if (edits < bestEdits) [best, bestEdits] = [word, edits]
  }
  return best
}

/** Levenshtein distance, one row at a time. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replace = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
