const maxTexts = 10

/**
 * Tells a person of script errors while the run lasts: each text once, ten texts at most; the
 * summary has them all with their counts.
 */
export function scriptErrorNotes(write: (line: string) => void) {
  const told = new Set<string>()
  return (scenario: string, message: string): void => {
    if (told.has(message) || told.size > maxTexts) return
    told.add(message)
    if (told.size > maxTexts) return write('more kinds of script errors follow; see the summary')
    write(`script error${scenario === '' ? '' : ` in ${scenario}`}: ${message}`)
  }
}
