import { expect, test } from 'vitest'
import { RequestRate } from './request-rate.ts'

test('a second of requests goes through at once, then one each tenth of a second', () => {
  const rate = new RequestRate({ perSecondMax: () => 10 })
  const through = (nowMs: number, tries: number) =>
    Array.from({ length: tries }, () => rate.waitS(nowMs)).filter(waitS => waitS === 0).length
  expect(through(0, 50)).toBe(10)
  expect(rate.waitS(0)).toBeCloseTo(0.1, 9)
  expect(through(100, 5)).toBe(1)
  expect(through(350, 5)).toBe(2)
  expect(through(60_000, 50)).toBe(10)
})

test('a limit can come, change and go while requests arrive', () => {
  let perSecondMax = 0
  const rate = new RequestRate({ perSecondMax: () => perSecondMax })
  const through = (nowMs: number) =>
    Array.from({ length: 100 }, () => rate.waitS(nowMs)).filter(waitS => waitS === 0).length
  expect(through(0)).toBe(100)
  perSecondMax = 5
  expect(through(0)).toBe(5)
  perSecondMax = 0
  expect(through(0)).toBe(100)
  perSecondMax = 0.5
  expect(through(0)).toBe(1)
  expect(rate.waitS(1_000)).toBeCloseTo(1, 9)
  expect(through(2_000)).toBe(1)
})
