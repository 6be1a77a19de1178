import { describe, expect, test } from 'vitest'
import { faults } from '../faults/catalogue.ts'
import { readCommand } from './options.ts'

const read = (line: string) => readCommand(line.split(' ').filter(Boolean), 99)

describe('readCommand', () => {
  test('a fault has sensible defaults', () => {
    expect(read('--fault small-pool')).toEqual({
      fault: {
        ...{ name: 'small-pool', family: 'F08', parameters: {}, random: false },
        ...{ atSeconds: 48, forSeconds: 36 },
      },
      ...{ seed: 99, mesh: false, replicas: [], autoscale: [], script: undefined },
      profile: { name: 'steady', load: { model: 'open', level: 40 } },
      ...{ seconds: 120, sampleRatio: 0.1, scrapeIntervalMs: 5_000, windowSeconds: 5 },
      paired: false,
      outFolder: 'experiment-small-pool-99',
    })
  })

  test('everything can be said', () => {
    const line =
      '--fault small-pool --parameters connectionsMax=2 --random --seed 7 --topology mesh ' +
      '--replicas catalog=2 --autoscale order=1..4 --profile spike --users 30 --duration 1m ' +
      '--fault-at 20 --fault-for 10s --out there --sample-ratio 1 --scrape-interval 500ms ' +
      '--window 2s --paired'
    expect(read(line)).toEqual({
      fault: {
        ...{ name: 'small-pool', family: 'F08', parameters: { connectionsMax: '2' } },
        ...{ random: true, atSeconds: 20, forSeconds: 10 },
      },
      ...{ seed: 7, mesh: true, replicas: ['catalog=2'], autoscale: ['order=1..4'] },
      script: undefined,
      profile: { name: 'spike', load: { model: 'closed', level: 30 } },
      ...{ seconds: 60, sampleRatio: 1, scrapeIntervalMs: 500, outFolder: 'there' },
      ...{ windowSeconds: 2, paired: true },
    })
  })

  test('a healthy run has no fault', () => {
    expect(read('--healthy --seed 7')).toMatchObject({
      ...{ fault: undefined, outFolder: 'experiment-healthy-7' },
    })
  })

  test('a script of ones own keeps its load unless told otherwise', () => {
    expect(read('--healthy --script a.ts')).toMatchObject({ script: 'a.ts', profile: undefined })
    expect(read('--healthy --script a.ts --rate 5/s')).toMatchObject({
      profile: { name: 'steady', load: { model: 'open', level: 5 } },
    })
  })

  test('a survey draws each fault with seeds in a row, over a mesh where it needs one', () => {
    const command = read('--survey small-pool,tls-per-request --draws 2 --seed 5 --rate 20')
    if (typeof command === 'string' || !('survey' in command)) throw new Error('not a survey')
    expect(command.survey.map(({ fault, seed, mesh }) => [fault?.name, seed, mesh])).toEqual([
      ['small-pool', 5, false],
      ['small-pool', 6, false],
      ['tls-per-request', 5, true],
      ['tls-per-request', 6, true],
    ])
    const [first] = command.survey
    expect(first).toMatchObject({ seconds: 30, profile: { load: { level: 20 } } })
    expect(first?.fault).toMatchObject({ random: true, atSeconds: 12, forSeconds: 9 })
    const all = read('--survey all --topology mesh')
    if (typeof all === 'string' || !('survey' in all)) throw new Error('not a survey')
    expect(all.survey.filter(({ mesh }) => mesh)).toHaveLength(2 * faults.length)
  })

  test('help and list are told apart', () => {
    expect(read('--help')).toBe('help')
    expect(read('--list')).toBe('list')
  })

  test.each([
    ['', 'say --fault NAME'],
    ['--fault nothing', 'there is no fault "nothing"'],
    ['--fault small-pool --healthy', 'exclude each other'],
    ['--fault small-pool --parameters size=1', 'has no parameter size'],
    ['--fault small-pool --parameters connectionsMax', 'write them as name=value'],
    ['--fault small-pool --fault-at 100 --fault-for 30', 'until 130 s, but the run ends at 120 s'],
    ['--healthy --duration 1h', 'duration is "1h"'],
    ['--healthy --duration 2', 'from 5s to 3600s'],
    ['--healthy --topology ring', 'one of plain, mesh'],
    ['--healthy --profile zigzag', 'one of steady, ramp'],
    ['--healthy --rate 0', 'rate is "0"'],
    ['--healthy --rate 5 --users 5', 'exclude each other'],
    ['--healthy --seed 1.5', 'a whole number'],
    ['--healthy --sample-ratio 2', 'from 0 to 1'],
    ['--healthy --window 1500ms', 'whole seconds from 1s to 60s'],
    ['--healthy --paired', '--paired needs --fault'],
    ['--draws 2 --healthy', '--draws goes with --survey'],
    ['--survey all --paired', '--survey and --paired exclude each other'],
    ['--survey small-pool,nothing', 'there is no fault "nothing"'],
    ['--survey all --draws 0', 'draws is "0"'],
    ['--healthy --speed 2', "Unknown option '--speed'"],
  ])('"%s" is refused in one sentence', (line, message) => {
    expect(() => read(line)).toThrow(message)
  })
})
