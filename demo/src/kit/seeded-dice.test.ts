import { expect, test } from 'vitest'
import { SeededDice } from './seeded-dice.ts'

test('the same seed rolls the same numbers, another seed others, evenly over [0, 1)', () => {
  const rolls = (seed: number) => {
    const dice = new SeededDice()
    return Array.from({ length: 10_000 }, () => dice.roll(seed))
  }
  expect(rolls(7)).toEqual(rolls(7))
  expect(rolls(7)).not.toEqual(rolls(8))
  // 10,000 fair numbers: each tenth holds 1,000 with a standard deviation of 30.
  const tenths = Array.from({ length: 10 }, () => 0)
  for (const number of rolls(7)) tenths[Math.floor(number * 10)]! += 1
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})

test('a change of the seed begins its order anew', () => {
  const dice = new SeededDice()
  const first = [dice.roll(3), dice.roll(3)]
  dice.roll(4)
  expect([dice.roll(3), dice.roll(3)]).toEqual(first)
})
