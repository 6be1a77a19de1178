import { describe, expect, test } from 'vitest'
import { mergedSeconds, encodeSecond } from '../../src/metrics/index.ts'
import { madeRun, nameOf } from '../../test/web/made-run.ts'
import { RunModel } from './run-model.ts'

const names = 6
const perName = 10
const perSecond = names * perName
const made = (seconds: number, warmUpSeconds = 0) =>
  madeRun({ seconds, names, perName, warmUpSeconds })

async function modelOf(seconds: number, warmUpSeconds = 0): Promise<RunModel> {
  const { page, bytes } = made(seconds, warmUpSeconds)
  const model = new RunModel(page)
  await model.add(bytes)
  return model
}

const requestsIn = (model: RunModel): number =>
  [...model.names.value.of.names.values()]
    .filter(({ kind }) => kind === 'request')
    .reduce((sum, { count }) => sum + count, 0)

const settled = async (model: RunModel) => {
  while (model.computing.value) await new Promise(done => setImmediate(done))
}

describe('a run in the page', () => {
  test('counts every request once, in the figures at a glance and by name', async () => {
    const model = await modelOf(20)
    expect(model.overview.value.of.requests).toBe(20 * perSecond)
    expect(requestsIn(model)).toBe(20 * perSecond)
  })

  test('leaves the warm-up out of all totals, but not out of the charts', async () => {
    const model = await modelOf(20, 5)
    expect(model.overview.value.of.requests).toBe(15 * perSecond)
    expect(requestsIn(model)).toBe(15 * perSecond)
    expect(model.points.value).toHaveLength(20)
  })

  test('computes all figures again for a selected range', async () => {
    const model = await modelOf(20)
    model.select({ from: 4, to: 9 })
    await settled(model)
    expect(model.overview.value.of.requests).toBe(5 * perSecond)
    expect(requestsIn(model)).toBe(5 * perSecond)
    model.select(undefined)
    await settled(model)
    expect(requestsIn(model)).toBe(20 * perSecond)
  })

  test('shows what was measured in the warm-up when only that is selected', async () => {
    const model = await modelOf(20, 5)
    model.select({ from: 1, to: 4 })
    await settled(model)
    expect(requestsIn(model)).toBe(3 * perSecond)
    model.select({ from: 3, to: 8 })
    await settled(model)
    expect(requestsIn(model)).toBe(3 * perSecond)
  })

  test('takes a second that comes twice once', async () => {
    const { page, bytes } = made(8)
    const model = new RunModel(page)
    await model.add(bytes.slice(0, 5))
    await model.add(bytes.slice(3))
    expect(model.points.value.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(requestsIn(model)).toBe(8 * perSecond)
  })

  test('takes along the seconds that come while a selection is computed', async () => {
    const { page, bytes } = made(30)
    const model = new RunModel(page)
    await model.add(bytes.slice(0, 20))
    model.measureBy('serviceTime')
    await model.add(bytes.slice(20))
    await settled(model)
    expect(model.names.value.of.measure).toBe('serviceTime')
    expect(requestsIn(model)).toBe(30 * perSecond)
  })

  test('follows one name while seconds come in', async () => {
    const { page, bytes } = made(10)
    const model = new RunModel(page)
    await model.add(bytes.slice(0, 6))
    await model.follow(`request\nshopper\n${nameOf(2)}`)
    await model.add(bytes.slice(6))
    const requests = model.history.value?.points.map(point => point.requests)
    expect(requests).toEqual(Array.from({ length: 10 }, () => perName))
  })

  test('has the same totals from seconds that were merged', async () => {
    const { page, seconds } = made(20)
    const merged = [0, 5, 10, 15].map(from => mergedSeconds(seconds.slice(from, from + 5)))
    const [fine, coarse] = [await modelOf(20), new RunModel(page)]
    await coarse.add(merged.map(encodeSecond))
    const figures = ({ overview }: RunModel) => {
      const { of } = overview.value
      return [of.requests, of.failures, of.seconds, of.latency.percentileUs(99), of.kinds]
    }
    expect(figures(coarse)).toEqual(figures(fine))
  })

  test('that goes on gets no more points than charts are worth, and loses nothing', async () => {
    const [seconds, warmUpSeconds] = [2000, 35]
    const { page, bytes } = madeRun({ seconds, names: 2, perName: 1, warmUpSeconds })
    const model = new RunModel(page)
    const key = `request\nshopper\n${nameOf(1)}`
    await model.follow(key)
    for (let from = 0; from < seconds; from += 5) {
      await model.add(bytes.slice(from, from + 5))
      await model.thin()
    }
    await model.add([])
    for (const points of [model.points.value, model.history.value?.points ?? []]) {
      expect(points.length).toBeLessThanOrEqual(905)
      const ends = points.map(({ index, seconds: length }) => index + length)
      // Each begins where the one before ends, one of them at the end of the warm-up.
      expect(points.map(({ index }) => index)).toEqual([0, ...ends.slice(0, -1)])
      expect(ends.at(-1)).toBe(seconds)
      expect(ends).toContain(warmUpSeconds)
    }
    const counted = (points: readonly { requests: number }[] = []) =>
      points.reduce((sum, { requests }) => sum + requests, 0)
    expect([model.points.value, model.history.value?.points].map(counted)).toEqual([4000, 2000])
    model.measureBy('serviceTime')
    await settled(model)
    const measured = 2 * (seconds - warmUpSeconds)
    expect([model.overview.value.of.requests, requestsIn(model)]).toEqual([measured, measured])
  })

  test('stays as fine as it is while a range of it is selected', async () => {
    const { page, bytes } = madeRun({ seconds: 910, names: 1, perName: 1 })
    const model = new RunModel(page)
    await model.add(bytes)
    model.select({ from: 100, to: 200 })
    await settled(model)
    await model.thin()
    await model.add([])
    expect(model.points.value).toHaveLength(910)
    model.select(undefined)
    await settled(model)
    await model.thin()
    await model.add([])
    expect(model.points.value).toHaveLength(902)
  })
})
