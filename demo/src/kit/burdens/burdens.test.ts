import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { noBurdens, type BurdenSettings } from './burden-settings.ts'
import { Burdens } from './burdens.ts'
import { workOnDocuments } from './document-work.ts'
import { LiveObjects } from './live-objects.ts'

describe('the burdens of a process', () => {
  let burdens: Burdens | undefined
  afterEach(() => burdens?.stop())
  const burdened = (differing: Partial<BurdenSettings>) => {
    const settings = { ...noBurdens, ...differing }
    burdens = new Burdens(settings)
    return { burdens, settings }
  }
  const cpuUsedUs = (work: () => void) => {
    const before = process.threadCpuUsage()
    work()
    const { user, system } = process.threadCpuUsage(before)
    return user + system
  }

  test('further work uses the CPU time that was asked for', () => {
    expect(cpuUsedUs(() => workOnDocuments(20_000))).toBeGreaterThanOrEqual(20_000)
    expect(workOnDocuments(20_000)).toBeGreaterThan(workOnDocuments(0))
    const { burdens, settings } = burdened({ extraCpuUs: 30_000 })
    expect(cpuUsedUs(() => burdens.onRequest())).toBeGreaterThanOrEqual(30_000)
    settings.extraCpuUs = 0
    expect(cpuUsedUs(() => burdens.onRequest())).toBeLessThan(30_000)
  })

  test('pauses come again and again, and end with their setting', async () => {
    const delays = monitorEventLoopDelay({ resolution: 5 })
    delays.enable()
    const { settings } = burdened({ pauseEveryMs: 30, pauseMs: 60 })
    await vi.waitFor(() => expect(delays.max).toBeGreaterThan(50e6), { timeout: 10_000 })
    settings.pauseEveryMs = 0
    await vi.waitFor(
      () => {
        const { max } = delays
        delays.reset()
        expect(max).toBeLessThan(50e6)
      },
      { timeout: 10_000, interval: 100 },
    )
    delays.disable()
  })

  test('the whole heap is collected at regular times', async () => {
    const forgotten = new WeakRef({ large: 'x'.repeat(1_000) })
    burdened({ collectEveryMs: 50 })
    // What an assertion has seen it may keep.
    const isGone = () => forgotten.deref() === undefined
    await vi.waitFor(() => expect(isGone()).toBe(true), { timeout: 10_000 })
  })

  test('only large answers are compressed for their tag', () => {
    const { burdens } = burdened({ compressFromBytes: 1_000 })
    expect(burdens.headersFor(Buffer.alloc(999))).toEqual({})
    const tag = (byte: number) => burdens.headersFor(Buffer.alloc(1_000, byte))['etag']
    expect(tag(1)).toMatch(/^"[\w-]{22}"$/)
    expect(tag(1)).toBe(tag(1))
    expect(tag(1)).not.toBe(tag(2))
  })
})

test('live objects grow step by step to what is asked for, and are let go', () => {
  const live = new LiveObjects()
  live.growTo(12_000_000)
  expect(live.bytes).toBe(5_000_000)
  for (let n = 0; n < 5; n += 1) live.growTo(12_000_000)
  expect(live.bytes).toBe(15_000_000)
  live.growTo(0)
  expect(live.bytes).toBe(0)
})
