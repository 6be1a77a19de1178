import { expect, test } from 'vitest'
import { passwordCheck } from './passwords.ts'

test('only the accepted passwords are right, at any cost, also when the cost changes', async () => {
  let cost = 16
  const isRight = passwordCheck(['one', 'two'], () => cost)
  for (const next of [16, 16, 1_024, 1_500, 65_536]) {
    cost = next
    expect(await Promise.all(['one', 'two', 'One', ''].map(isRight))).toEqual([
      ...[true, true, false, false],
    ])
  }
})
