import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Wait } from './wait.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a wait ends after its time, or at once when somebody ends it', async () => {
  const wait = new Wait()
  const steps: string[] = []
  void wait.for(1_000).then(() => steps.push('first'))
  await vi.advanceTimersByTimeAsync(999)
  expect(steps).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(steps).toEqual(['first'])
  const second = wait.for(1_000)
  wait.end()
  await second
  expect(vi.getTimerCount()).toBe(0)
})

test('an end that comes before the wait is not lost, and counts for one wait only', async () => {
  const wait = new Wait()
  wait.end()
  wait.end()
  await wait.for(1_000)
  let over = false
  void wait.for(1_000).then(() => (over = true))
  await vi.advanceTimersByTimeAsync(999)
  expect(over).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(over).toBe(true)
})
