import { describe, expect, test } from 'vitest'
import type { PlanOverrides } from '../parse/overrides.ts'
import { overrideLoads } from './override-load.ts'
import { parseLoad, type ParsedLoad } from './parsed-load.ts'

type LoadFlags = Omit<PlanOverrides, 'randomSeed'>

/** Loads of scenarios a, b, ... after the flags. */
function loads(written: readonly unknown[], flags: LoadFlags) {
  const named = written.map((load, index) => ({
    name: 'abc'[index] ?? '?',
    load: load === undefined ? undefined : parseLoad(load, 'load'),
  }))
  return overrideLoads(named, { ...flags, randomSeed: 1 })
}
const one = (load: unknown, flags: LoadFlags): ParsedLoad | undefined => loads([load], flags)[0]

const users = { users: 50, rampUp: '10s', duration: '2m' }
const rate = { rate: '10/s', rampUp: '10s', duration: '1m', poisson: true, maxUsers: 200 }
const stages = {
  stages: [
    { users: 10, over: '10s' },
    { users: 10, for: '20s' },
  ],
}
const iterations = { iterations: 100, users: 5, maxDuration: '3m' }
const s = 1_000_000

describe('the command line changes one load', () => {
  test('not at all without load flags', () => {
    expect(one(users, { host: 'http://x' })).toEqual(parseLoad(users, 'load'))
    expect(one(undefined, {})).toBeUndefined()
  })

  test.each<[string, unknown, LoadFlags, object]>([
    [
      '-u keeps ramp and duration',
      users,
      { users: 20 },
      { users: 20, rampUpUs: 10 * s, durationUs: 120 * s },
    ],
    [
      '-r ramps 20 users in 4 s',
      users,
      { users: 20, spawnRate: 5 },
      { users: 20, rampUpUs: 4 * s },
    ],
    ['-r alone ramps the own users', users, { spawnRate: '25' }, { users: 50, rampUpUs: 2 * s }],
    [
      '-d shortens and cuts the ramp',
      users,
      { duration: '5s' },
      { rampUpUs: 5 * s, durationUs: 5 * s },
    ],
    [
      '-r too slow starts what fits',
      users,
      { users: 50, spawnRate: 2, duration: '10s' },
      { users: 20, rampUpUs: 10 * s },
    ],
    [
      '-u -d replaces a rate',
      rate,
      { users: 3, duration: '3s' },
      { kind: 'users', users: 3, rampUpUs: 0, durationUs: 3 * s },
    ],
    ['-u -d replaces stages', stages, { users: 3, duration: '3s' }, { kind: 'users', users: 3 }],
    [
      '-u -d replaces nothing',
      undefined,
      { users: 3, duration: '3s' },
      { kind: 'users', users: 3 },
    ],
    [
      '-d alone without a load is one user',
      undefined,
      { duration: '3s' },
      { kind: 'users', users: 1 },
    ],
    [
      '-u on iterations',
      iterations,
      { users: 9 },
      { kind: 'iterations', iterations: 100, users: 9 },
    ],
    [
      '-d on iterations is their latest end',
      iterations,
      { duration: '9s' },
      { iterations: 100, maxDurationUs: 9 * s },
    ],
    [
      '--rate keeps what else a rate has',
      rate,
      { rate: '600/m' },
      {
        ...{ startsPerSecond: 10, rampUpUs: 10 * s },
        ...{ durationUs: 60 * s, poisson: true, maxUsers: 200 },
      },
    ],
    ['--rate takes a bare number', rate, { rate: '7' }, { startsPerSecond: 7 }],
    [
      '--rate -u limits the users',
      rate,
      { rate: 5, users: 9 },
      { startsPerSecond: 5, maxUsers: 9 },
    ],
    [
      '--rate opens a load by users',
      users,
      { rate: 5 },
      { kind: 'rate', startsPerSecond: 5, rampUpUs: 0, durationUs: 120 * s, maxUsers: 10_000 },
    ],
    [
      '-i replaces users',
      users,
      { iterations: 500 },
      { kind: 'iterations', iterations: 500, users: 50 },
    ],
    ['-i below the users', users, { iterations: 10 }, { iterations: 10, users: 10 }],
    [
      '-i -u -d',
      undefined,
      { iterations: 10, users: 2, duration: '9s' },
      { iterations: 10, users: 2, maxDurationUs: 9 * s },
    ],
    [
      '-s by users',
      users,
      { stages: ['30s:50', '1m:0'] },
      {
        kind: 'stages',
        by: 'users',
        stages: [
          { by: 'users', level: 50, durationUs: 30 * s, ramps: true },
          { by: 'users', level: 0, durationUs: 60 * s, ramps: true },
        ],
      },
    ],
    [
      '-s by rate keeps the limits of a rate',
      rate,
      { stages: ['30s:50/s'] },
      { kind: 'stages', by: 'rate', poisson: true, maxUsers: 200 },
    ],
  ])('%s', (_, load, flags, expected) => {
    expect(one(load, flags)).toMatchObject(expected)
  })

  test.each<[string, unknown, LoadFlags, RegExp]>([
    [
      '-u on a rate, for how long',
      rate,
      { users: 5 },
      /-u\/--users: how long\? .*"a" is by rate; add a duration/,
    ],
    ['-u without a load', undefined, { users: 5 }, /add a duration, e\.g\. -d 1m/],
    ['--rate on iterations', iterations, { rate: 5 }, /--rate: how long\?/],
    ['-d on stages', stages, { duration: '5s' }, /stages with lengths of their own/],
    ['-r on a rate', rate, { spawnRate: 5 }, /-r goes with -u/],
    ['-s and -u', users, { stages: ['1s:1'], users: 5 }, /-s\/--stage and -u\/--users contradict/],
    ['--rate and -i', users, { rate: 5, iterations: 5 }, /--rate and -i\/--iterations contradict/],
    ['-u 0', users, { users: '0' }, /-u\/--users is the text "0"; it must be a whole number of at/],
    ['-u 1.5', users, { users: '1.5' }, /-u\/--users is the text "1\.5"/],
    [
      '-d 10',
      users,
      { duration: '10' },
      /-d\/--duration: "10" is not a duration; a time needs a unit/,
    ],
    ['-d 0s', users, { duration: '0s' }, /-d\/--duration is 0/],
    ['--rate 0', users, { rate: '0/s' }, /--rate is 0, so nothing would start/],
    ['--rate -5', users, { rate: '-5/s' }, /--rate: "-5\/s" is not a rate/],
    [
      '-s without a level',
      users,
      { stages: ['30s'] },
      /"30s" is not a stage; write DURATION:USERS/,
    ],
    [
      '-s of both kinds',
      users,
      { stages: ['1s:5', '1s:5/s'] },
      /some stages are by users, some by rate/,
    ],
    ['-s at zero', users, { stages: ['1s:0'] }, /every stage is at 0/],
  ])('%s is refused', (_, load, flags, message) => {
    expect(() => one(load, flags)).toThrow(message)
  })
})

describe('the command line is a total for several scenarios', () => {
  const small = { users: 10, duration: '2m' }

  test('users are divided as the script divides them', () => {
    expect(loads([users, small], { users: 12, spawnRate: 6 })).toMatchObject([
      { users: 10, rampUpUs: 2 * s },
      { users: 2, rampUpUs: 2 * s },
    ])
  })

  test('rates are divided exactly, iterations wholly', () => {
    const slow = { rate: 5, duration: '1m' }
    expect(loads([rate, slow], { rate: '100/s' })).toMatchObject([
      { startsPerSecond: 1000 / 15 },
      { startsPerSecond: 500 / 15 },
    ])
    expect(loads([undefined, undefined, undefined], { iterations: 10 })).toMatchObject([
      { iterations: 4 },
      { iterations: 3 },
      { iterations: 3 },
    ])
  })

  test('stages are divided level by level', () => {
    expect(loads([users, small], { stages: ['1s:60', '1s:0'] })).toMatchObject([
      { stages: [{ level: 50 }, { level: 0 }] },
      { stages: [{ level: 10 }, { level: 0 }] },
    ])
  })

  test('a duration holds for each, of any kind', () => {
    expect(loads([users, rate], { duration: '20s' })).toMatchObject([
      { kind: 'users', durationUs: 20 * s },
      { kind: 'rate', durationUs: 20 * s },
    ])
  })

  test('loads of different kinds, and a scenario left with nothing, are refused', () => {
    expect(() => loads([users, rate], { users: 20, duration: '1m' })).toThrow(
      /different kinds \("a" by users, "b" by rate\).*--scenario NAME/,
    )
    expect(() => loads([users, small], { users: 1 })).toThrow(/leaves one of them with none/)
  })
})
