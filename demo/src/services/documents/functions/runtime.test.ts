import { afterEach, expect, test, vi } from 'vitest'
import { Problem } from '../../../kit/http/problem.ts'
import { ServiceMetrics } from '../../../kit/telemetry/metrics.ts'
import { noSpan } from '../../../kit/telemetry/tracing.ts'
import { FunctionRuntime } from './runtime.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

function openRuntime(differing: Partial<typeof defaults> = {}) {
  const settings = { ...defaults, ...differing }
  const metrics = new ServiceMetrics('test')
  const runtime = new FunctionRuntime({ settings, metrics })
  ends.push(() => runtime.stop())
  const file = Buffer.from('two words')
  const number = async (name: string) => {
    const page = await metrics.registry.metrics()
    return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN)
  }
  return {
    settings,
    runtime,
    number,
    process: (bytes = file) => runtime.invoke('process-document', bytes, noSpan),
    inspect: () => runtime.invoke('inspect-document', file, noSpan),
  }
}

const defaults = {
  functionIdleMs: 60_000,
  functionConcurrencyMax: 8,
  functionInitPasses: 1,
  functionTimeoutMs: 20_000,
}

test('the first invocation starts an instance, the next ones find it warm', async () => {
  const { process, number } = openRuntime()
  for (let n = 0; n < 3; n += 1) expect(await process()).toMatchObject({ words: 2, format: 'text' })
  expect(await number('faas_coldstarts_total')).toBe(1)
  expect(await number('faas_invocations_total')).toBe(3)
  expect(await number('faas_init_duration_seconds_count')).toBe(1)
  expect(await number('faas_invoke_duration_seconds_count')).toBe(3)
  expect(await number('faas_warm_instances')).toBe(1)
})

test('invocations at the same time get an instance each, and each function its own', async () => {
  const { process, inspect, number } = openRuntime()
  await Promise.all([process(), process(), process()])
  expect(await number('faas_coldstarts_total')).toBe(3)
  expect(await inspect()).toMatchObject({ format: 'text' })
  expect(await number('faas_warm_instances')).toBe(4)
  await process()
  expect(await number('faas_warm_instances')).toBe(4)
})

test('what exceeds the limit is throttled, and nothing once the limit is raised', async () => {
  const { process, settings, number } = openRuntime({ functionConcurrencyMax: 2 })
  const outcomes = await Promise.allSettled([process(), process(), process()])
  expect(outcomes.map(outcome => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({
    ...{ status: 429, headers: { 'retry-after': '1' } },
  })
  expect(await number('faas_throttles_total')).toBe(1)
  expect(await number('faas_invocations_total')).toBe(2)
  settings.functionConcurrencyMax = 3
  await Promise.all([process(), process(), process()])
  expect(await number('faas_throttles_total')).toBe(1)
})

test('an instance without work is ended after its time, or at once', async () => {
  const { process, settings, number } = openRuntime({ functionIdleMs: 0 })
  await process()
  await process()
  expect(await number('faas_coldstarts_total')).toBe(2)
  settings.functionIdleMs = 60_000
  await process()
  expect(await number('faas_warm_instances')).toBe(1)
  settings.functionIdleMs = 1
  await vi.waitFor(async () => expect(await number('faas_warm_instances')).toBe(0), {
    timeout: 10_000,
  })
})

test('an invocation that takes too long is ended, and the next one works', async () => {
  const { process, settings, number } = openRuntime()
  await process()
  settings.functionTimeoutMs = 1
  // So much to do that the answer cannot be there before the time is up.
  const large = Buffer.alloc(20 << 20, 'ab c')
  await expect(process(large)).rejects.toMatchObject({ status: 504 })
  expect(await number('faas_timeouts_total')).toBe(1)
  settings.functionTimeoutMs = 20_000
  expect(await process()).toMatchObject({ words: 2 })
  expect(await number('faas_coldstarts_total')).toBe(2)
})

test('a stop in the middle of a cold start ends it: the caller is told', async () => {
  const { process, runtime } = openRuntime({ functionInitPasses: 100_000 })
  const outcome = process().catch((error: unknown) => error)
  await runtime.stop()
  expect(await outcome).toBeInstanceOf(Problem)
  await expect(process()).rejects.toMatchObject({ status: 503 })
})
