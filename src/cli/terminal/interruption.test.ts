import { expect, test } from 'vitest'
import { Interruption } from './interruption.ts'

test('whoever works is asked, with how often; in between the process may end', async () => {
  const seen: (number | 'idle')[] = []
  const interruption = new Interruption(() => seen.push('idle'))
  await interruption.during(
    times => seen.push(times),
    async () => {
      interruption.request()
      interruption.request()
    },
  )
  interruption.request()
  interruption.over()
  interruption.request()
  expect(seen).toEqual([1, 2, 'idle'])
})

test('the inner of two is asked, and the outer again when the inner has failed', async () => {
  const seen: string[] = []
  const interruption = new Interruption(() => seen.push('idle'))
  const inner = () =>
    interruption.during(
      () => seen.push('inner'),
      async () => {
        interruption.request()
        throw new Error('broken')
      },
    )
  await interruption.during(
    () => seen.push('outer'),
    async () => {
      await expect(inner()).rejects.toThrow('broken')
      interruption.request()
    },
  )
  expect(seen).toEqual(['inner', 'outer'])
})
