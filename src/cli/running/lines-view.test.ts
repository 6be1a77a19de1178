import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { emptySecond, Histogram } from '../../metrics/index.ts'
import { Output } from '../terminal/output.ts'
import { isTold, linesView } from './lines-view.ts'

test('lines are frequent at first and rare in a long run', () => {
  const told = Array.from({ length: 600 }, (_, index) => index + 1).filter(isTold)
  expect(told.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 10, 15, 20])
  expect(told.filter(second => second > 300)).toEqual([
    ...[330, 360, 390, 420, 450, 480, 510, 540, 570, 600],
  ])
})

test('the rest after the last whole second does not pass for a second of low rate', async () => {
  const clock = new FakeClock()
  const stdout = new PassThrough()
  const written: string[] = []
  stdout.on('data', chunk => written.push(String(chunk)))
  const stream = stdout as unknown as NodeJS.WriteStream
  const facts = {
    script: 'a.ts',
    model: 'open',
    durationUs: 2e6,
    usersCanChange: false,
    hasDashboard: false,
  } as const
  const view = linesView(facts, new Output(stream, stream, {}), clock)
  view.phase('running')
  for (const [lengthUs, requests] of [
    [1e6, 100],
    [1e6, 100],
    [3_000, 0],
  ] as const) {
    await clock.advance(lengthUs)
    const index = Math.ceil(clock.nowUs() / 1e6) - 1
    const counts = { users: 1, requests, failures: 0, drops: 0, bytesIn: 0, bytesOut: 0 }
    const point = { index, ...counts, latency: new Histogram(), perName: [] }
    view.second({ point, windows: [], second: emptySecond(index), aborting: [] })
  }
  await new Promise(setImmediate)
  const lines = written.join('').split('\n')
  expect(lines.map(line => line.slice(0, 11))).toEqual([
    'running',
    '0:01 / 0:02',
    '0:02 / 0:02',
    '',
  ])
  expect(lines[2]).toContain('100 req/s')
})
