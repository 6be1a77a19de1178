import { expect, test } from 'vitest'
import { parseThreshold } from '../../metrics/index.ts'
import { liveRun } from '../testing/rig.ts'

test('a running run is judged by what it measured so far', () => {
  const thresholds = ['errors < 1%', 'p95 < 1ms'].map(text => parseThreshold(text, 'test'))
  const { live, second } = liveRun('run-1', undefined, { thresholds })
  second()
  second()
  expect(live.page().thresholds).toMatchObject([
    { ok: true, measured: 0 },
    { ok: false, measured: 1000 },
  ])
})

test('a running run says how long its warm-up will be, also when it has just begun', () => {
  const { live, second } = liveRun('run-1', undefined, { warmUpUs: 5e6 })
  expect([live.page().item.warmUpUs, live.item().warmUpUs]).toEqual([5e6, 5e6])
  second()
  expect(live.page().item).toMatchObject({ warmUpUs: 5e6, requests: 0 })
})
