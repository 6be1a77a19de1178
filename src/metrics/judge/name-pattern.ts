/** Matches names by a pattern in which '*' stands for any text, and a name equal to it. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return name => name === pattern
  const parts = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return name => name === pattern || expression.test(name)
}

/**
 * The name that takes the fewest single-character changes to become `wanted`; undefined when that
 * would change more than a third of it, so that it hardly was meant.
 */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const name of names) {
    const edits = editDistance(wanted.toLowerCase(), name.toLowerCase())
    if (edits < fewest) {
      fewest = edits
      nearest = name
    }
  }
  return nearest
}

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
