import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Turns } from './turns.ts'

describe('turns', () => {
  test('so many work at once, the others in the order they came', async () => {
    const turns = new Turns({ atOnceMax: () => 2 })
    const begun: number[] = []
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    const all = gates.map((gate, index) =>
      turns.run(() => {
        begun.push(index)
        return gate.promise
      }),
    )
    await Promise.resolve()
    expect([begun, turns.working, turns.waiting]).toEqual([[0, 1], 2, 2])
    gates[1]?.resolve()
    await all[1]
    expect([begun, turns.working, turns.waiting]).toEqual([[0, 1, 2], 2, 1])
    for (const gate of gates) gate.resolve()
    await Promise.all(all)
    expect([begun, turns.working, turns.waiting]).toEqual([[0, 1, 2, 3], 0, 0])
  })

  test('work that fails gives its turn on', async () => {
    const turns = new Turns({ atOnceMax: () => 1 })
    const failing = turns.run(() => Promise.reject(new Error('no')))
    const next = turns.run(() => 'yes')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })

  test('who waits too long gives up, and takes nobody’s turn', async () => {
    const turns = new Turns({ atOnceMax: () => 1 })
    expect(await turns.take()).toBe(true)
    expect(await turns.take(5)).toBe(false)
    expect(turns.waiting).toBe(0)
    turns.end()
    expect(await turns.take(5)).toBe(true)
  })

  test('a limit that is lifted lets everybody in', async () => {
    let atOnceMax = 1
    const turns = new Turns({ atOnceMax: () => atOnceMax })
    await turns.take()
    const waiting = [turns.take(), turns.take(), turns.take()]
    atOnceMax = 0
    turns.end()
    expect(await Promise.all(waiting)).toEqual([true, true, true])
    expect(turns.working).toBe(3)
  })

  test('never do more work at once than allowed, and everybody gets a turn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 }),
        async (atOnceMax, lengths) => {
          const turns = new Turns({ atOnceMax: () => atOnceMax })
          let most = 0
          const done = lengths.map(length =>
            turns.run(async () => {
              most = Math.max(most, turns.working)
              for (let turn = 0; turn < length; turn += 1) await Promise.resolve()
            }),
          )
          await Promise.all(done)
          expect(most).toBe(Math.min(atOnceMax, lengths.length))
          expect([turns.working, turns.waiting]).toEqual([0, 0])
        },
      ),
    )
  })
})
