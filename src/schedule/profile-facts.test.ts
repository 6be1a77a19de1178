import { expect, test } from 'vitest'
import { model, peakRate, peakUsers, totalDurationUs } from './profile-facts.ts'

const byRate = {
  kind: 'rate',
  segments: [
    { fromPerSecond: 0, toPerSecond: 80, durationUs: 2e6 },
    { fromPerSecond: 30, toPerSecond: 10, durationUs: 3e6 },
  ],
  poisson: false,
  maxUsers: 40,
} as const
const byUsers = {
  kind: 'users',
  segments: [
    { fromUsers: 0, toUsers: 7, durationUs: 1e6 },
    { fromUsers: 7, toUsers: 7, durationUs: 9e6 },
  ],
} as const
const byCount = { kind: 'iterations', iterations: 9, users: 3, maxDurationUs: 6e8 } as const

test('a profile knows its length, its model and its peaks', () => {
  const facts = [byRate, byUsers, byCount].map(profile => [
    totalDurationUs(profile),
    model(profile),
    peakUsers(profile),
    peakRate(profile),
  ])
  expect(facts).toEqual([
    [5e6, 'open', 40, 80],
    [10e6, 'closed', 7, 0],
    [6e8, 'closed', 3, 0],
  ])
})
