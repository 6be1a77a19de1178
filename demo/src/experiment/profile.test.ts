import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { profileNames, stageFlags, stagesOf } from './profile.ts'

const open = { model: 'open', level: 40 } as const

describe('stagesOf', () => {
  test('steady is at the level after a tenth of the time', () => {
    expect(stagesOf('steady', { seconds: 120, load: open })).toEqual([
      { seconds: 12, level: 40 },
      { seconds: 0.1, level: 40 },
      { seconds: 107.9, level: 40 },
    ])
  })

  test('steps are quarters of the level, each a quarter of the time', () => {
    const levels = stagesOf('steps', { seconds: 120, load: open }).map(({ level }) => level)
    expect(levels).toEqual([10, 10, 20, 20, 30, 30, 40, 40])
  })

  test('a spike is the middle fifth', () => {
    expect(stagesOf('spike', { seconds: 100, load: open })).toEqual([
      { seconds: 0.1, level: 12 },
      { seconds: 39.9, level: 12 },
      { seconds: 0.1, level: 40 },
      { seconds: 19.9, level: 40 },
      { seconds: 0.1, level: 12 },
      { seconds: 39.9, level: 12 },
    ])
  })

  test('any profile is as long as asked, and reaches its level, and users are whole', () => {
    const anyLoad = fc.record({
      model: fc.constantFrom('open' as const, 'closed' as const),
      level: fc.integer({ min: 1, max: 1_000 }),
    })
    const anySeconds = fc.integer({ min: 5, max: 3_600 })
    fc.assert(
      fc.property(fc.constantFrom(...profileNames), anyLoad, anySeconds, (name, load, seconds) => {
        const stages = stagesOf(name, { seconds, load })
        const sum = stages.reduce((all, stage) => all + stage.seconds, 0)
        expect(sum).toBeCloseTo(seconds, 2)
        expect(Math.max(...stages.map(({ level }) => level))).toBe(load.level)
        for (const stage of stages) {
          expect(stage.seconds).toBeGreaterThan(0)
          expect(stage.level).toBeGreaterThan(0)
          if (load.model === 'closed') expect(Number.isInteger(stage.level)).toBe(true)
        }
      }),
    )
  })
})

describe('stageFlags', () => {
  test('say rates with their unit and users without', () => {
    const stages = [{ seconds: 1.5, level: 2 }]
    expect(stageFlags(stages, open)).toEqual(['--stage', '1.5s:2/s'])
    expect(stageFlags(stages, { model: 'closed', level: 2 })).toEqual(['--stage', '1.5s:2'])
  })
})
