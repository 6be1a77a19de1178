import { describe, expect, test } from 'vitest'
import { autoscalerDefaults, type AutoscalerSettings, type ReplicaState } from './contract.ts'
import type { Reading } from './replica-metrics.ts'
import { ScaledService } from './scaled-service.ts'

const settings: AutoscalerSettings = {
  ...autoscalerDefaults,
  target: 0.5,
  cpuRequestCores: 0.5,
  maxReplicas: 10,
}

const replica = (id: string, atMs: number | undefined = 0): ReplicaState => ({
  ...{ id, metricsUrl: 'http://127.0.0.1:1/metrics', pid: 1, createdAtUnixMs: atMs ?? 0 },
  ...(atMs === undefined ? {} : { readyAtUnixMs: atMs }),
})

const scaled = (replicas: readonly ReplicaState[], more: Partial<AutoscalerSettings> = {}) =>
  new ScaledService({ service: 'catalog', settings: { ...settings, ...more }, replicas })

const reading = (atMs: number, more: Partial<Reading>): Reading => ({
  ...{ atMs, cpuSeconds: undefined, residentBytes: undefined, waitingMessages: undefined },
  ...more,
})

/** Readings at a time: CPU seconds by replica. */
const cpu = (atMs: number, seconds: Readonly<Record<string, number>>) =>
  new Map(
    Object.entries(seconds).map(([id, cpuSeconds]) => [id, reading(atMs, { cpuSeconds })] as const),
  )

describe('ScaledService', () => {
  test('the use is what the CPU counter grew by, over the time between, over the request', () => {
    const service = scaled([replica('a'), replica('b')])
    service.sync(cpu(100_000, { a: 10, b: 20 }), 100_000)
    // In 15 s: 6 and 9 s of CPU are 0.4 and 0.6 cores, 80 % and 120 % of the request; mean 100 %;
    // 2 x 1 / 0.5 = 4.
    const rescale = service.sync(cpu(115_000, { a: 16, b: 29 }), 115_000)
    expect(rescale).toEqual({
      ...{ atMs: 115_000, from: 2, to: 4 },
      reason: 'cpu resource utilization (percentage of request) above target',
    })
    expect(service.verdict).toEqual({ desiredReplicas: 4, current: 1, limitedBy: undefined })
  })

  test('the same change is told once until the number of replicas is another one', () => {
    const service = scaled([replica('a')])
    service.sync(cpu(100_000, { a: 0 }), 100_000)
    expect(service.sync(cpu(115_000, { a: 7.5 }), 115_000)?.to).toBe(2)
    expect(service.sync(cpu(130_000, { a: 15 }), 130_000)).toBeUndefined()
    expect(service.verdict.desiredReplicas).toBe(2)
    service.update({ ...service.state, replicas: [replica('a'), replica('b', undefined)] })
    service.update({ ...service.state, replicas: [replica('a')] })
    expect(service.sync(cpu(145_000, { a: 22.5 }), 145_000)?.to).toBe(2)
  })

  test('the CPU of a replica that has just started is not looked at', () => {
    const young = replica('b', 90_000)
    const service = scaled([replica('a'), young])
    service.sync(cpu(100_000, { a: 0, b: 0 }), 100_000)
    // a: 3 s in 15 s are 0.2 cores, 40 %; b burns 2 cores while it warms up. Only a counts, and at
    // 0.8 of the target one replica would do; the stabilisation keeps both.
    expect(service.sync(cpu(115_000, { a: 3, b: 30 }), 115_000)).toBeUndefined()
    expect(service.verdict).toMatchObject({ current: 0.4, desiredReplicas: 2 })
    // At 130 s it is 40 s old: both count, 40 % and 40 %.
    service.sync(cpu(130_000, { a: 6, b: 33 }), 130_000)
    expect(service.verdict.current).toBe(0.4)
    service.sync(cpu(145_000, { a: 9, b: 48 }), 145_000)
    // 40 % and 200 %.
    expect(service.verdict.current).toBe(1.2)
  })

  test('a replica that was not ready through the whole measured time does not count', () => {
    const service = scaled([replica('a'), replica('b', 105_000)], { initialReadinessMs: 0 })
    service.sync(cpu(100_000, { a: 0, b: 0 }), 100_000)
    service.sync(cpu(115_000, { a: 3, b: 15 }), 115_000)
    expect(service.verdict.current).toBe(0.4)
  })

  test('a replica that does not answer is set aside, and the next two readings count again', () => {
    const service = scaled([replica('a')])
    service.sync(cpu(100_000, { a: 0 }), 100_000)
    expect(service.sync(new Map([['a', undefined]]), 115_000)).toBeUndefined()
    expect(service.verdict).toMatchObject({ current: undefined, desiredReplicas: 1 })
    // 15 s of CPU in the 30 s since the last reading: 0.5 cores, 100 %.
    service.sync(cpu(130_000, { a: 15 }), 130_000)
    expect(service.verdict).toMatchObject({ current: 1, desiredReplicas: 2 })
  })

  test('a counter that went back gives no number', () => {
    const service = scaled([replica('a')])
    service.sync(cpu(100_000, { a: 50 }), 100_000)
    service.sync(cpu(115_000, { a: 1 }), 115_000)
    expect(service.verdict.current).toBeUndefined()
  })

  test('memory is a share of 256 MiB and counts from the first look', () => {
    const service = scaled([replica('a')], { metric: 'memory' })
    const residentBytes = 192 * 1024 * 1024
    // 75 % over 50 %: 1.5, so 2.
    expect(service.sync(new Map([['a', reading(1, { residentBytes })]]), 1)?.to).toBe(2)
  })

  test('a queue is shared: its depth counts once, whoever tells it', () => {
    const service = scaled([replica('a'), replica('b')], { metric: 'queue', target: 10 })
    const depths = new Map([
      ['a', reading(1, { waitingMessages: 48 })],
      ['b', reading(1, { waitingMessages: 50 })],
    ])
    const rescale = service.sync(depths, 1)
    expect(rescale).toMatchObject({ from: 2, to: 5 })
    expect(rescale?.reason).toBe('external metric messaging_queue_depth above target')
  })

  test('outside its limits the number is put right even without a metric', () => {
    const service = scaled([replica('a', undefined)], { minReplicas: 3 })
    expect(service.sync(new Map(), 1)).toMatchObject({
      ...{ from: 1, to: 3, reason: 'Current number of replicas below Spec.MinReplicas' },
    })
    const many = scaled([replica('a'), replica('b')], { maxReplicas: 1 })
    expect(many.sync(new Map(), 1)?.to).toBe(1)
  })
})
