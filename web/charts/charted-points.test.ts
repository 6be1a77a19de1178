import { expect, test } from 'vitest'
import { madeRun } from '../../test/web/made-run.ts'
import { chartedPoints } from './charted-points.ts'
import { RunModel } from '../data/run-model.ts'

async function pointsOf(seconds: number) {
  const { bytes, page } = madeRun({ seconds, names: 2 })
  const model = new RunModel(page)
  await model.add(bytes)
  return model.points.value
}

const finished = (durationUs: number) => ({ state: 'finished', durationUs }) as const

test('the last second of a run is as long as it was measured', async () => {
  const points = chartedPoints(await pointsOf(5), finished(4_600_000))
  expect(points.map(({ seconds }) => Math.round(seconds * 10) / 10)).toEqual([1, 1, 1, 1, 0.6])
})

test('a last piece that is too short for a rate is not drawn', async () => {
  expect(chartedPoints(await pointsOf(5), finished(4_040_000))).toHaveLength(4)
  expect(chartedPoints(await pointsOf(5), finished(4_000_000))).toHaveLength(4)
})

test('a run shorter than that is drawn all the same', async () => {
  expect(chartedPoints(await pointsOf(1), finished(200_000))).toMatchObject([{ seconds: 0.2 }])
})

test('a run under way, and one that ended on the second, are drawn as they are', async () => {
  const points = await pointsOf(5)
  expect(chartedPoints(points, { state: 'running', durationUs: 0 })).toBe(points)
  expect(chartedPoints(points, finished(5_000_000))).toBe(points)
})
