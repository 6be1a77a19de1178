import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { allFlags } from './flags.ts'
import {
  addFlags,
  environmentName,
  readFlags,
  unknownVariables,
  withoutAliases,
  type FlagName,
} from './read-flags.ts'

const names = Object.keys(allFlags) as FlagName[]

function read(args: readonly string[], environment: Record<string, string> = {}) {
  const command = addFlags(new Command('run').exitOverride(), names)
  command.parse(args, { from: 'user' })
  return readFlags(command, names, environment)
}

describe('flags', () => {
  test('are read with their type; what is not given is not there', () => {
    const args = [
      '-u',
      '5',
      '-r',
      '0.5',
      '--rate',
      '90',
      '-k',
      '-e',
      'A=1=2',
      '-e',
      'B=',
      '-s',
      '1s:2',
    ]
    expect(read(args)).toEqual({
      ...{ users: 5, spawnRate: 0.5, rate: '90/s', insecure: true, stage: ['1s:2'] },
      env: [
        ['A', '1=2'],
        ['B', ''],
      ],
    })
  })

  test('beat the environment, which fills what is not given', () => {
    const environment = { LOADSTONE_USERS: '7', LOADSTONE_DURATION: '5s', LOADSTONE_HOST: '' }
    expect(read(['-u', '5'], environment)).toEqual({ users: 5, duration: '5s' })
  })

  test('lists in the environment are separated by commas', () => {
    const environment = { LOADSTONE_SCENARIO: 'a, b', LOADSTONE_TAG: 'x=1,y=2' }
    expect(read([], environment)).toEqual({
      scenario: ['a', 'b'],
      tag: [
        ['x', '1'],
        ['y', '2'],
      ],
    })
  })

  test('switches in the environment are 1 or 0', () => {
    expect(read([], { LOADSTONE_QUIET: 'true', LOADSTONE_EXACT: '0' })).toEqual({
      quiet: true,
      exact: false,
    })
    expect(() => read([], { LOADSTONE_QUIET: 'perhaps' })).toThrow(
      /LOADSTONE_QUIET.*neither 1 nor 0/,
    )
  })

  test('say whether a run is kept: the command line before the environment', () => {
    expect(read(['--no-store'], { LOADSTONE_STORE: 'a.db' })).toMatchObject({ noStore: true })
    expect(read(['--store', 'b.db'], { LOADSTONE_NO_STORE: '1' })).toEqual({
      ...{ store: 'b.db', noStore: false },
    })
    expect(read([], { LOADSTONE_NO_STORE: '1' })).toEqual({ noStore: true })
    expect(read([], { LOADSTONE_STORE: 'a.db' })).toEqual({ store: 'a.db' })
  })

  test('a mistake names the flag or the variable', () => {
    expect(() => read(['--users', '1.5'])).toThrow(/--users: "1.5" is not a whole number/)
    expect(() => read([], { LOADSTONE_USERS: 'x' })).toThrow(/LOADSTONE_USERS: "x"/)
  })
})

test('every flag has a variable named after its long form', () => {
  for (const name of names) {
    const long = /--([\w-]+)/.exec(allFlags[name].flags)?.[1] ?? ''
    expect(environmentName(name)).toBe(`LOADSTONE_${long.replace(/-/g, '_').toUpperCase()}`)
  }
})

test('other long names are rewritten, values and what follows -- are not', () => {
  const args = ['run', '--vus', '5', '--target=http://a', '-e', 'A=--vus', '--', '--vus']
  expect(withoutAliases(args)).toEqual([
    'run',
    '--users',
    '5',
    '--host=http://a',
    '-e',
    'A=--vus',
    '--',
    '--vus',
  ])
})

test('--ui takes the port that follows it, and never the script', () => {
  expect(withoutAliases(['run', '--ui', 'a.ts'])).toEqual(['run', '--ui=auto', 'a.ts'])
  expect(withoutAliases(['run', 'a.ts', '--ui'])).toEqual(['run', 'a.ts', '--ui=auto'])
  expect(withoutAliases(['run', '--ui', '9000', 'a.ts'])).toEqual(['run', '--ui', '9000', 'a.ts'])
  expect(read(['--ui', '9000']).ui).toBe(9000)
  expect(read(['--ui=auto'], {}).ui).toBe('auto')
  expect(read([], { LOADSTONE_UI: 'true' }).ui).toBe('auto')
  for (const wrong of ['65536', '-1', '1.5', 'a.ts']) {
    expect(() => read([`--ui=${wrong}`])).toThrow(`"${wrong}" is not a port`)
  }
})

test('only variables that look like ours and are none are unknown', () => {
  expect(unknownVariables({ LOADSTONE_USER: '1', LOADSTONE_USERS: '1', PATH: '' })).toEqual([
    'LOADSTONE_USER',
  ])
})
