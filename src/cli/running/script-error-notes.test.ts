import { expect, test } from 'vitest'
import { scriptErrorNotes } from './script-error-notes.ts'

test('each text is told once, and after ten texts only that there are more', () => {
  const lines: string[] = []
  const note = scriptErrorNotes(line => lines.push(line))
  for (let round = 0; round < 3; round++) {
    for (let text = 0; text < 15; text++) note('shopper', `Error: ${text}`)
  }
  expect(lines).toHaveLength(11)
  expect(lines[0]).toBe('script error in shopper: Error: 0')
  expect(lines[10]).toMatch(/more kinds/)
})
