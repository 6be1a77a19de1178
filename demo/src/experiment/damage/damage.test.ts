import { describe, expect, test } from 'vitest'
import { SeededDice } from '../../kit/seeded-dice.ts'
import { damageOf, type PairedRuns } from './damage.ts'
import { healthy, run, type Behaviour } from './testing/simulated-run.ts'

const fault = {
  ...{ askedAtMs: 24_000, setAtMs: 24_200, clearAskedAtMs: 42_000, clearedAtMs: 42_100 },
}
const isThere = (second: number) => second >= 24 && second < 42
const damage = (faulty: PairedRuns['faulty'], clean = run(1, healthy)) =>
  damageOf({ faulty, clean, fault, seed: 7 })

describe('damageOf', () => {
  test('finds errors of one name, and says how many', () => {
    const failing: Behaviour = (second, roll) => ({
      ...healthy(second, roll),
      failed: isThere(second) && roll() < 0.5,
    })
    const found = damage(run(2, healthy, failing))
    expect(found).toMatchObject({ silent: false, fromSecond: 24, toSecond: 48 })
    const { kind, name, estimate, interval, pValue } = found.strongest
    expect([kind, name]).toEqual(['errors', 'order'])
    // Half of those of 18 of the 24 seconds.
    expect(interval[0]).toBeLessThan(0.375)
    expect(interval[1]).toBeGreaterThan(0.375)
    expect(Math.abs(estimate - 0.375)).toBeLessThan(0.12)
    expect(pValue).toBeLessThan(0.001)
  })

  test('finds a slow name whose share of all requests is too small to be seen there', () => {
    const slow: Behaviour = (second, roll) => ({
      us: healthy(second, roll).us * (isThere(second) ? 4 : 1),
    })
    const found = damage(run(2, healthy, slow))
    expect(found.silent).toBe(false)
    expect(found.found.map(({ name }) => name)).toContain('order')
    expect(found.found.map(({ name }) => name)).not.toContain('list')
  })

  test('finds a tail that the median does not show', () => {
    const tail: Behaviour = (second, roll) =>
      isThere(second) && roll() < 0.1 ? { us: 500_000 } : healthy(second, roll)
    const found = damage(run(2, tail)).found.map(({ kind, name }) => `${kind} ${name}`)
    expect(found).toContain('p95 list')
    expect(found).not.toContain('p50 list')
  })

  test('finds requests that no longer come back', () => {
    const stuck = run(2, healthy).filter(({ second }) => !isThere(second))
    expect(damage(stuck).strongest).toMatchObject({ kind: 'throughput', name: 'all requests' })
    // 6 of 24 seconds are left.
    expect(Math.abs(damage(stuck).strongest.estimate - 0.25)).toBeLessThan(0.02)
  })

  test('is silent when everything is slower by a little, however certain that is', () => {
    const little: Behaviour = (second, roll) => ({
      us: healthy(second, roll).us * (isThere(second) ? 1.2 : 1),
    })
    expect(damage(run(2, little)).silent).toBe(true)
  })

  test('a machine that was slower for one run as a whole is not taken for damage', () => {
    const slower: Behaviour = (second, roll) => ({ us: healthy(second, roll).us * 1.8 })
    const both = damage(run(2, slower, slower))
    expect(both.silent).toBe(true)
    const worse: Behaviour = (second, roll) => ({
      us: slower(second, roll).us * (isThere(second) ? 5 : 1),
    })
    expect(damage(run(2, worse, worse)).silent).toBe(false)
  })

  test('of 25 pairs of equal runs on a restless machine, at most one seems damaged', () => {
    // The speed of the machine wanders by a fifth, in other ways in each run.
    const wandering = (seed: number): Behaviour => {
      const dice = new SeededDice()
      const phases = [3, 7, 13].map(period => [period, dice.roll(seed) * 7] as const)
      return (second, roll) => {
        const waves = phases.map(([period, phase]) => Math.sin(second / period + phase))
        const sum = waves.reduce((all, wave) => all + wave, 0)
        return { us: healthy(second, roll).us * Math.exp(0.1 * sum) }
      }
    }
    const pairs = Array.from({ length: 25 }, (_, pair) => {
      const [one, other] = [wandering(2 * pair + 1), wandering(2 * pair + 2)]
      const clean = run(10_000 + pair, one, one)
      return damageOf({ faulty: run(pair, other, other), clean, fault, seed: pair })
    })
    expect(pairs.filter(({ silent }) => !silent).length).toBeLessThanOrEqual(1)
  })

  test('a fault from the first second is judged, one after the end is refused', () => {
    const failing: Behaviour = () => ({ us: 1_000, failed: true })
    const early = { askedAtMs: 0, setAtMs: 10, clearAskedAtMs: 18_000, clearedAtMs: 18_000 }
    const clean = run(1, healthy)
    expect(damageOf({ faulty: run(2, failing), clean, fault: early, seed: 7 }).silent).toBe(false)
    const late = { askedAtMs: 9e5, setAtMs: 9e5, clearAskedAtMs: 9e5, clearedAtMs: 9e5 }
    const judge = () => damageOf({ faulty: clean, clean, fault: late, seed: 7 })
    expect(judge).toThrow('no requests while the fault was there')
  })
})
