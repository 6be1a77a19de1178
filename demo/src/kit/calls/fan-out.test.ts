import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fanOut } from './fan-out.ts'

test('every entry is asked for once, in order, within both limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (entries, entriesPerCall, callsAtOnce) => {
        let open = 0
        let openMost = 0
        const answers = await fanOut(entries, { entriesPerCall, callsAtOnce }, async some => {
          expect(some.length).toBeLessThanOrEqual(entriesPerCall)
          open += 1
          openMost = Math.max(openMost, open)
          await Promise.resolve()
          open -= 1
          return some
        })
        expect(answers.flat()).toEqual(entries)
        const calls = Math.ceil(entries.length / entriesPerCall)
        expect(openMost).toBe(Math.min(calls, callsAtOnce))
      },
    ),
  )
})

test('an empty list needs no call', async () => {
  const settings = { entriesPerCall: 3, callsAtOnce: 2 }
  expect(await fanOut([], settings, () => Promise.reject(new Error('called')))).toEqual([])
})

test('after a failure no further call is begun', async () => {
  let calls = 0
  const failing = fanOut([1, 2, 3], { entriesPerCall: 1, callsAtOnce: 1 }, async ([entry]) => {
    calls += 1
    if (entry === 2) throw new Error('refused')
  })
  await expect(failing).rejects.toThrow('refused')
  expect(calls).toBe(2)
})
