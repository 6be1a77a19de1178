import { expect, test } from 'vitest'
import type { ScenarioOutline } from '../../src/server/api.ts'
import { madeRun } from '../../test/web/made-run.ts'
import type { Point } from '../data/point.ts'
import { RunModel } from '../data/run-model.ts'
import { arrivalsOf, usersOf } from './load-data.ts'

const outline = (scenario: string, model: 'open' | 'closed', value: number): ScenarioOutline => ({
  ...{ scenario, model, target: 'http://127.0.0.1', load: '' },
  profile: [
    { atUs: 0, value },
    { atUs: 10e6, value },
  ],
})

const mixed = [outline('visitors', 'closed', 5), outline('imports', 'open', 20)]

async function pointsOf(scenarios: readonly Point['scenarios'][]): Promise<Point[]> {
  const { bytes, page } = madeRun({ seconds: scenarios.length, names: 1, perName: 1 })
  const model = new RunModel(page)
  await model.add(bytes)
  return model.points.value.map((point, place) => ({ ...point, scenarios: scenarios[place] ?? [] }))
}

const visitors = (users: number, iterationsStarted: number) =>
  ({ scenario: 'visitors', users, iterationsStarted, drops: 0 }) as const
const imports = (users: number, iterationsStarted: number, drops = 0) =>
  ({ scenario: 'imports', users, iterationsStarted, drops }) as const

test('arrivals of a mixed run are those of its open scenarios', async () => {
  const points = await pointsOf([
    [visitors(5, 90), imports(2, 20)],
    [visitors(5, 95), imports(3, 16, 4)],
  ])
  const { data, series, summary } = arrivalsOf(points, mixed)
  expect(series.map(({ label }) => label)).toEqual(['started', 'as planned', 'dropped'])
  expect(data.slice(1)).toEqual([
    [20, 16],
    [20, 20],
    [0, 4],
  ])
  expect(summary).toContain('20.0/s')
})

test('users who wait for answers are drawn apart from those that arrivals keep busy', async () => {
  const points = await pointsOf([
    [visitors(4, 90), imports(2, 20)],
    [visitors(5, 95), imports(3, 16)],
  ])
  const { data, series } = usersOf(points, mixed, 'running')
  expect(series.map(({ label }) => label)).toEqual(['users', 'as planned', 'busy with arrivals'])
  expect(data.slice(1)).toEqual([
    [4, 5],
    [5, 5],
    [2, 3],
  ])
})

test('that nobody is left when a run ends is not drawn as a fall', async () => {
  const points = await pointsOf([[visitors(5, 9)], [visitors(0, 9)], [visitors(0, 0)]])
  const closed = mixed.slice(0, 1)
  expect(usersOf(points, closed, 'finished').data[1]).toEqual([5, null, null])
  expect(usersOf(points, closed, 'running').data[1]).toEqual([5, 0, 0])
})
