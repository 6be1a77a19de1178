import { describe, expect, test } from 'vitest'
import { Histogram } from '../histogram.ts'
import type { WindowData } from '../window.ts'
import { idle, windowsOf } from '../testing/samples.ts'
import { decideExit, type ExitFacts } from './decide-exit.ts'
import { GeneratorLoad } from './generator-load.ts'
import { judgeValidity, type ValidityInput } from './judge-validity.ts'

const many = (us: number, count = 1000) => Histogram.of(Array<number>(count).fill(us))

/** A worker whose utilisation and CPU are given for every second. */
function load(seconds: readonly { loop: number; cpu?: number }[], worker = 0) {
  const generator = new GeneratorLoad()
  const [empty] = windowsOf(worker, [], 1_000_000)
  seconds.forEach(({ loop, cpu }, index) => {
    const figures = { ...idle, eventLoopUtilization: loop, cpuRatio: cpu ?? loop }
    generator.add({ ...(empty as WindowData), index, generator: figures })
  })
  return generator.workers()
}
const seconds = (count: number, loop: number, cpu?: number) =>
  Array.from({ length: count }, () => (cpu === undefined ? { loop } : { loop, cpu }))

const calm: ValidityInput = {
  startDelay: new Histogram(),
  eventLoopDelay: many(900),
  workers: load(seconds(60, 0.3)),
  latency: many(20_000),
  model: 'closed',
  measuredAnything: true,
  lostWorkers: [],
  otherReasons: [],
  keptDropped: 0,
}
const reasons = (input: Partial<ValidityInput>) => judgeValidity({ ...calm, ...input }).reasons

describe('judgeValidity', () => {
  test('a calm generator is valid, kept samples dropped or not', () => {
    const validity = judgeValidity({ ...calm, keptDropped: 99 })
    expect(validity).toMatchObject({ valid: true, reasons: [], keptDropped: 99 })
    expect(validity.eventLoopUtilization).toBeCloseTo(0.3, 6)
    expect(validity.workers).toEqual([
      { worker: 0, cpuRatio: 0.3, eventLoopUtilization: 0.3, memoryBytes: 50_000_000 },
    ])
  })

  test('late starts count from 5 ms and from a tenth of the median latency', () => {
    expect(reasons({ startDelay: many(4_900), latency: many(1_000) })).toEqual([])
    expect(reasons({ startDelay: many(9_000), latency: many(100_000) })).toEqual([])
    const late = reasons({ startDelay: many(9_000), latency: many(20_000) })
    expect(late).toHaveLength(1)
    expect(late[0]).toContain('start delay p99 was 9.00 ms, the limit is 5.00 ms')
    expect(late[0]).toContain('Lower the rate, add workers')
  })

  test('late starts in less than 1 % of the iterations are a blip', () => {
    const blip = Histogram.merged([many(200, 995), many(80_000, 5)])
    expect(reasons({ startDelay: blip })).toEqual([])
  })

  test('late starts must be surely more than one in a hundred', () => {
    const delays = (late: number, count: number) =>
      Histogram.of(Array.from({ length: count }, (_, i) => (i < late ? 9_000 : 100)))
    // Wilson's lower ends, by hand: 2 of 80 0.69 %, 11 of 1,000 0.62 %, 20 of 1,000 1.30 %.
    expect(reasons({ startDelay: delays(2, 80) })).toEqual([])
    expect(reasons({ startDelay: delays(11, 1_000) })).toEqual([])
    expect(reasons({ startDelay: delays(20, 1_000) })).toHaveLength(1)
  })

  test('a closed model without think time that saturates its worker is told what to do', () => {
    const [reason] = reasons({ workers: load(seconds(30, 0.99)) })
    expect(reason).toBe(
      'Worker 0 was saturated: its event loop was busy 99 % of the time, and above the limit of ' +
        `85 % in 30 of 30 seconds. Part of each latency is the generator's own waiting. Users ` +
        'without think time send as fast as the generator can: give them a think time, take ' +
        'fewer users, or add workers (--workers).',
    )
  })

  test('a blip of two seconds in a minute is valid, ten seconds are not', () => {
    const blip = (count: number) => load([...seconds(60 - count, 0.4), ...seconds(count, 1)])
    expect(reasons({ workers: blip(2) })).toEqual([])
    expect(reasons({ workers: blip(5) })).toEqual([])
    expect(reasons({ workers: blip(10) })).toHaveLength(1)
  })

  test('workers that spin for exact starts are not called saturated', () => {
    const workers = load(seconds(60, 1))
    expect(reasons({ workers, exactPacing: true })).toEqual([])
    expect(reasons({ workers, exactPacing: true, startDelay: many(9_000) })).toHaveLength(1)
  })

  test('a run of two saturated seconds is not a blip', () => {
    expect(reasons({ workers: load(seconds(2, 1)) })).toHaveLength(1)
    expect(reasons({ workers: load([...seconds(5, 0.4), ...seconds(2, 1)]) })).toEqual([])
  })

  test('a worker that was kept waiting by other programs is told so', () => {
    const [reason] = reasons({ workers: load(seconds(30, 0.95, 0.4)) })
    expect(reason).toContain('It got only 40 % of a core, so other programs on this machine')
  })

  test('a thread that uses up its core is busy even if its loop seems idle', () => {
    const [reason] = reasons({ workers: load(seconds(30, 0.5, 0.99)), model: 'open' })
    expect(reason).toContain('its thread was on CPU 99 % of the time')
    expect(reason).toContain('Lower the load')
  })

  test('several busy workers are one reason', () => {
    const workers = [...load(seconds(30, 0.9), 0), ...load(seconds(30, 0.97), 1)]
    const found = reasons({ workers })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('2 workers were saturated')
    expect(judgeValidity({ ...calm, workers }).eventLoopUtilization).toBeCloseTo(0.97, 6)
  })

  test('a slow loop, lost workers, data that ran out and an empty run are reasons', () => {
    expect(reasons({ eventLoopDelay: many(12_000) })[0]).toContain('event-loop delay p99 was 12.0')
    expect(reasons({ eventLoopDelay: many(12_000), latency: many(100_000) })).toEqual([])
    expect(reasons({ lostWorkers: [1, 3] })[0]).toContain('Workers 1, 3 were lost')
    expect(reasons({ otherReasons: ['accounts.csv ran out.'] })).toEqual(['accounts.csv ran out.'])
    const empty = { measuredAnything: false, latency: new Histogram(), workers: [] }
    expect(reasons(empty)[0]).toContain('Nothing was measured')
    expect(judgeValidity({ ...calm, ...empty }).eventLoopUtilization).toBe(0)
  })
})

describe('decideExit', () => {
  const passed: ExitFacts = {
    run: { endState: 'finished', refusedHost: undefined },
    scriptErrors: [],
    validity: { valid: true },
    thresholds: [],
  }
  const brokenThreshold = { ok: false } as ExitFacts['thresholds'][number]
  const error = { scenario: 'shop', message: 'shop.ts:1:1: Error', count: 1 }

  test('each cause hides the ones it makes untrustworthy', () => {
    let facts = passed
    expect(decideExit(facts)).toBe('pass')
    facts = { ...facts, thresholds: [brokenThreshold] }
    expect(decideExit(facts)).toBe('threshold')
    facts = { ...facts, validity: { valid: false } }
    expect(decideExit(facts)).toBe('invalid')
    facts = { ...facts, scriptErrors: [error] }
    expect(decideExit(facts)).toBe('script')
    facts = { ...facts, run: { endState: 'aborted', refusedHost: undefined } }
    expect(decideExit(facts)).toBe('aborted')
    facts = { ...facts, run: { endState: 'aborted', refusedHost: '203.0.113.5' } }
    expect(decideExit(facts)).toBe('guard')
    facts = { ...facts, run: { endState: 'crashed', refusedHost: '203.0.113.5' } }
    expect(decideExit(facts)).toBe('internal')
  })
})
