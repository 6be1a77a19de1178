import { describe, expect, test } from 'vitest'
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
      ...{ seconds: 120, sampleRatio: 0.1, scrapeIntervalMs: 5_000 },
      outFolder: 'experiment-small-pool-99',
    })
  })

  test('everything can be said', () => {
    const line =
      '--fault small-pool --parameters connectionsMax=2 --random --seed 7 --topology mesh ' +
      '--replicas catalog=2 --autoscale order=1..4 --profile spike --users 30 --duration 1m ' +
      '--fault-at 20 --fault-for 10s --out there --sample-ratio 1 --scrape-interval 500ms'
    expect(read(line)).toEqual({
      fault: {
        ...{ name: 'small-pool', family: 'F08', parameters: { connectionsMax: '2' } },
        ...{ random: true, atSeconds: 20, forSeconds: 10 },
      },
      ...{ seed: 7, mesh: true, replicas: ['catalog=2'], autoscale: ['order=1..4'] },
      script: undefined,
      profile: { name: 'spike', load: { model: 'closed', level: 30 } },
      ...{ seconds: 60, sampleRatio: 1, scrapeIntervalMs: 500, outFolder: 'there' },
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
    ['--healthy --speed 2', "Unknown option '--speed'"],
  ])('"%s" is refused in one sentence', (line, message) => {
    expect(() => read(line)).toThrow(message)
  })
})
