import { describe, expect, test } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { loadProfileOf } from './load-profile-of.ts'
import { parseLoad } from './parsed-load.ts'

const profile = (load: unknown) => loadProfileOf(parseLoad(load, 'scenario "x": load'))
const s = 1_000_000

describe('a load becomes a profile', () => {
  test('users with a ramp: up, then level for the rest of the duration', () => {
    expect(profile({ users: 50, rampUp: '10s', duration: '2m' })).toEqual({
      kind: 'users',
      segments: [
        { fromUsers: 0, toUsers: 50, durationUs: 10 * s },
        { fromUsers: 50, toUsers: 50, durationUs: 110 * s },
      ],
    })
  })

  test('users without a ramp, and users that ramp all the time', () => {
    expect(profile({ users: 5, duration: '1m' })).toEqual({
      kind: 'users',
      segments: [{ fromUsers: 5, toUsers: 5, durationUs: 60 * s }],
    })
    expect(profile({ users: 5, rampUp: '60s', duration: '1m' })).toEqual({
      kind: 'users',
      segments: [{ fromUsers: 0, toUsers: 5, durationUs: 60 * s }],
    })
  })

  test('a rate per minute, with the defaults of the open model', () => {
    expect(profile({ rate: '600/m', duration: '30s' })).toEqual({
      kind: 'rate',
      segments: [{ fromPerSecond: 10, toPerSecond: 10, durationUs: 30 * s }],
      poisson: false,
      maxUsers: 10_000,
    })
  })

  test('stages: over ramps from the level before, for jumps', () => {
    const stages = [
      { rate: 100, over: '30s' },
      { rate: '50/s', for: '10s' },
      { rate: 0, over: '5s' },
    ]
    expect(profile({ stages, poisson: true, maxUsers: 7 })).toEqual({
      kind: 'rate',
      segments: [
        { fromPerSecond: 0, toPerSecond: 100, durationUs: 30 * s },
        { fromPerSecond: 50, toPerSecond: 50, durationUs: 10 * s },
        { fromPerSecond: 50, toPerSecond: 0, durationUs: 5 * s },
      ],
      poisson: true,
      maxUsers: 7,
    })
  })

  test('iterations end after ten minutes unless the script says otherwise', () => {
    expect(profile({ iterations: 100, users: 5 })).toEqual({
      kind: 'iterations',
      iterations: 100,
      users: 5,
      maxDurationUs: 600 * s,
    })
  })
})

describe('a wrong load is refused where it stands', () => {
  test.each<[string, unknown, RegExp]>([
    ['no object', '50', /^scenario "x": load is the text "50"; write \{ users: 20/],
    ['nothing', {}, /load says neither users nor rate/],
    ['no users', { users: 0, duration: '1m' }, /load\.users is the number 0; .* at least 1$/],
    ['NaN users', { users: NaN, duration: '1m' }, /load\.users is the number NaN/],
    ['half a user', { users: 1.5, duration: '1m' }, /load\.users is the number 1\.5/],
    ['no duration', { users: 5 }, /load\.duration is missing; write e\.g\. duration: '1m'/],
    [
      'a number as duration',
      { users: 5, duration: 60 },
      /load\.duration: 60 is not a duration; a time needs a unit, e\.g\. '60s'/,
    ],
    [
      'a negative duration',
      { users: 5, duration: '-5s' },
      /load\.duration: "-5s" is not a duration/,
    ],
    ['a zero duration', { users: 5, duration: '0s' }, /load\.duration is 0/],
    [
      'a ramp longer than all',
      { users: 5, rampUp: '2m', duration: '1m' },
      /rampUp \(2m\) is longer than duration \(1m\)/,
    ],
    ['a typo', { users: 5, duratoin: '1m' }, /no option "duratoin"; did you mean duration\?/],
    [
      'users in a rate',
      { rate: 5, users: 5, duration: '1m' },
      /no option "users"; known: rate, duration/,
    ],
    ['a rate of zero', { rate: 0, duration: '1m' }, /load\.rate is 0, so nothing would start/],
    ['a rate without unit', { rate: '50', duration: '1m' }, /load\.rate: "50" is not a rate/],
    [
      'poisson in words',
      { rate: 5, duration: '1m', poisson: 'yes' },
      /load\.poisson is the text "yes"; it must be true or false/,
    ],
    ['no stage', { stages: [] }, /load\.stages is an empty list/],
    ['a stage of no kind', { stages: [{ over: '1s' }] }, /load\.stages\[0\]\.users is missing/],
    ['a stage without length', { stages: [{ users: 5 }] }, /stages\[0\] has neither over nor for/],
    [
      'a stage of two lengths',
      { stages: [{ users: 5, over: '1s', for: '1s' }] },
      /has both over and for/,
    ],
    ['a stage by both', { stages: [{ users: 5, rate: 5, for: '1s' }] }, /has both users and rate/],
    [
      'stages of two kinds',
      {
        stages: [
          { users: 5, for: '1s' },
          { rate: 5, for: '1s' },
        ],
      },
      /stages\[1\] is not by users/,
    ],
    ['stages at zero', { stages: [{ users: 0, for: '1s' }] }, /every stage is at 0/],
    ['stages of no time', { stages: [{ users: 5, over: '0s' }] }, /the stages last 0 s in all/],
    [
      'open limits by users',
      { stages: [{ users: 5, for: '1s' }], poisson: true },
      /belong to stages by rate/,
    ],
    ['no iteration', { iterations: 0, users: 1 }, /load\.iterations is the number 0/],
    ['iterations by nobody', { iterations: 5 }, /load\.users is missing/],
  ])('%s', (_, load, message) => {
    expect(() => profile(load)).toThrow(UsageError)
    expect(() => profile(load)).toThrow(message)
  })
})
