/** Matches names by a pattern in which '*' stands for any text, and a name equal to it. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return name => name === pattern
  const parts = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return name => name === pattern || expression.test(name)
}
