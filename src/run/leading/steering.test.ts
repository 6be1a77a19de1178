import { expect, test } from 'vitest'
import { plainScenario } from '../../plan/testing/plain-plan.ts'
import { planOf } from '../testing/scripted-transport.ts'
import { stageMarks, Steering } from './steering.ts'

const users = (fromUsers: number, toUsers: number, seconds: number) => ({
  ...{ fromUsers, toUsers, durationUs: seconds * 1e6 },
})
const rate = (perSecond: number, seconds: number) => ({
  ...{ fromPerSecond: perSecond, toPerSecond: perSecond, durationUs: seconds * 1e6 },
})
const byUsers = (...segments: ReturnType<typeof users>[]) =>
  plainScenario({ name: 'shopper', load: { kind: 'users', segments } })
const byRate = (...segments: ReturnType<typeof rate>[]) =>
  plainScenario({
    name: 'visitor',
    load: { kind: 'rate', segments, poisson: false, maxUsers: 100 },
  })
const limits = { maxUsers: 50, maxStartsPerSecond: 100 }

test('users are added up to the limit and taken away down to nobody', () => {
  const steering = new Steering(planOf({ limits, scenarios: [byUsers(users(20, 20, 10))] }))
  expect(steering.users(10, 5e6)).toEqual({
    change: 10,
    mark: { atUs: 5e6, kind: 'users', text: '+10 users by hand' },
  })
  expect(steering.users(100, 6e6)).toMatchObject({
    change: 20,
    mark: { text: '+20 users by hand (limit 50)' },
  })
  expect(steering.users(-1, 6e6).mark.text).toBe('−1 user by hand')
  expect(steering.users(-1000, 7e6)).toMatchObject({
    change: -49,
    mark: { text: '−49 users by hand (none left)' },
  })
})

test('the rate changes a moment ahead and stays within the limit', () => {
  const steering = new Steering(planOf({ limits, scenarios: [byRate(rate(40, 10), rate(10, 10))] }))
  expect(steering.rate(2, 5e6)).toEqual({
    change: { fromUs: 5.1e6, factor: 2 },
    mark: { atUs: 5.1e6, kind: 'rate', text: 'rate to 200 % by hand' },
  })
  // 80/s now: twice that is beyond 100/s, and a change that was refused has changed nothing.
  expect(() => steering.rate(2, 6e6)).toThrow('up to 160 iterations per second')
  // What the workers are told is the change; what a reader is told, all changes together.
  expect(steering.rate(1.25, 6e6)).toMatchObject({
    change: { factor: 1.25 },
    mark: { text: 'rate to 250 % by hand' },
  })
  expect(() => steering.rate(1.01, 7e6)).toThrow('the limit is 100')
  // In the second stage 25/s are left: four times as much is allowed there.
  expect(steering.rate(4, 11e6).change.factor).toBe(4)
})

test('what a run has not, cannot be changed', () => {
  const closed = new Steering(planOf({ limits, scenarios: [byUsers(users(1, 1, 1))] }))
  expect(() => closed.rate(2, 0)).toThrow('no scenario of this run is by rate')
  const open = new Steering(planOf({ limits, scenarios: [byRate(rate(1, 1))] }))
  expect(() => open.users(1, 0)).toThrow('no scenario of this run is by users')
  for (const factor of [0, -1, NaN, Infinity]) {
    expect(() => open.rate(factor, 0)).toThrow(`by a factor of ${factor}`)
  }
})

test('stages are marked where they begin; one level alone is no stage', () => {
  const staged = byUsers(users(0, 10, 5), users(10, 10, 20), users(10, 40, 0), users(40, 40, 5))
  expect(stageMarks(planOf({ scenarios: [staged] }))).toEqual([
    { atUs: 0, kind: 'stage', text: 'stage 1: 0 to 10 users for 5 s' },
    { atUs: 5e6, kind: 'stage', text: 'stage 2: 10 users for 20 s' },
    { atUs: 25e6, kind: 'stage', text: 'stage 3: 40 users for 5 s' },
  ])
  expect(stageMarks(planOf({ scenarios: [byRate(rate(5, 10))] }))).toEqual([])
  const both = planOf({ scenarios: [byUsers(users(5, 5, 10)), byRate(rate(5, 10), rate(1, 1))] })
  expect(stageMarks(both).map(({ text }) => text)).toEqual([
    'stage 1: 5/s for 10 s of visitor',
    'stage 2: 1/s for 1 s of visitor',
  ])
})
