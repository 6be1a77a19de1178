import { describe, expect, test } from 'vitest'
import { clockFromNow } from '../../base/index.ts'
import type { MakePacer, Pacer } from './pacer.ts'
import { SpinningPacer } from './spinning-pacer.ts'
import { ThreadPacer } from './thread-pacer.ts'

const variants: [string, MakePacer][] = [
  ['the pacing thread', (clock, wake) => new ThreadPacer(clock, wake)],
  ['the spinning pacer', (clock, wake) => new SpinningPacer(clock, wake)],
]

describe.each(variants)('%s', (_name, make) => {
  test('wakes once for each order, never before its time', async () => {
    const clock = clockFromNow()
    const wokenAfterUs: number[] = []
    let dueUs = 0
    await new Promise<void>(resolve => {
      const pacer: Pacer = make(clock, () => {
        wokenAfterUs.push(clock.nowUs() - dueUs)
        if (wokenAfterUs.length === 50) {
          pacer.stop()
          return resolve()
        }
        dueUs += (wokenAfterUs.length % 5) * 300
        pacer.wakeAt(dueUs)
      })
      dueUs = clock.nowUs()
      pacer.wakeAt(dueUs)
    })
    expect(wokenAfterUs).toHaveLength(50)
    expect(wokenAfterUs.every(lateUs => lateUs >= 0)).toBe(true)
  })

  test('a sooner order replaces a later one, and a later one a sooner', async () => {
    const clock = clockFromNow()
    const wokenAtUs: number[] = []
    let woken = () => {}
    const pacer = make(clock, () => {
      wokenAtUs.push(clock.nowUs())
      woken()
    })
    const nextWake = () => new Promise<void>(resolve => (woken = resolve))
    const sooner = nextWake()
    pacer.wakeAt(clock.nowUs() + 3_600e6)
    pacer.wakeAt(clock.nowUs() + 2_000)
    await sooner
    const later = nextWake()
    const dueUs = clock.nowUs() + 4_000
    pacer.wakeAt(clock.nowUs() + 1_000)
    pacer.wakeAt(dueUs)
    await later
    pacer.stop()
    expect(wokenAtUs).toHaveLength(2)
    expect(wokenAtUs[1]).toBeGreaterThanOrEqual(dueUs)
  })

  test('does not wake in the middle of the order itself, even when it is overdue', async () => {
    const clock = clockFromNow()
    let ordered = false
    await new Promise<void>(resolve => {
      const pacer = make(clock, () => {
        expect(ordered).toBe(true)
        pacer.stop()
        resolve()
      })
      pacer.wakeAt(clock.nowUs() - 5_000)
      ordered = true
    })
  })
})
