import { expect, test } from 'vitest'
import { parseExposition } from '../exposition.ts'
import { ServiceMetrics } from './metrics.ts'

const page = async (metrics: ServiceMetrics) => parseExposition(await metrics.registry.metrics())

test('every number says which process of which service it is of', async () => {
  const metrics = new ServiceMetrics('cart')
  const before = (await page(metrics)).samples.map(sample => sample.labels)
  expect(new Set(before.map(labels => labels['service_name']))).toEqual(new Set(['cart']))
  metrics.identify({ id: 'cart-3', version: 'stable' })
  const after = (await page(metrics)).samples.map(({ labels }) => {
    return [labels['service_name'], labels['service_instance_id'], labels['service_version']]
  })
  expect(after.length).toBe(before.length)
  expect(new Set(after.map(String))).toEqual(new Set(['cart,cart-3,stable']))
})

test('runtime and process are there under their usual names and types', async () => {
  const { samples, types } = await page(new ServiceMetrics('cart'))
  const kept = [...types].filter(([name]) => /^(nodejs|v8js|process|target)_/.test(name))
  expect(Object.fromEntries(kept)).toEqual({
    process_cpu_seconds_total: 'counter',
    process_cpu_user_seconds_total: 'counter',
    process_cpu_system_seconds_total: 'counter',
    process_resident_memory_bytes: 'gauge',
    process_start_time_seconds: 'gauge',
    nodejs_eventloop_delay_p50_seconds: 'gauge',
    nodejs_eventloop_delay_p90_seconds: 'gauge',
    nodejs_eventloop_delay_p99_seconds: 'gauge',
    nodejs_eventloop_delay_max_seconds: 'gauge',
    nodejs_eventloop_utilization: 'gauge',
    nodejs_eventloop_time_seconds_total: 'counter',
    v8js_memory_heap_used_bytes: 'gauge',
    v8js_gc_duration_seconds: 'histogram',
    target_info: 'gauge',
  })
  const value = (name: string) => samples.find(sample => sample.name === name)?.value ?? Number.NaN
  const { user, system } = process.cpuUsage()
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(value('process_cpu_seconds_total')).toBeLessThanOrEqual((user + system) / 1e6)
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10e6)
})

test('the names of clients and pools are those of the semantic conventions', async () => {
  const { types } = await page(new ServiceMetrics('cart'))
  const expected = {
    http_server_request_duration_seconds: 'histogram',
    http_server_active_requests: 'gauge',
    http_client_request_duration_seconds: 'histogram',
    db_client_connection_wait_time_seconds: 'histogram',
    db_client_connection_use_time_seconds: 'histogram',
    db_client_connection_create_time_seconds: 'histogram',
    db_client_connection_timeouts_total: 'counter',
    db_client_operation_duration_seconds: 'histogram',
  }
  expect(Object.fromEntries(types)).toMatchObject(expected)
})

test('an event loop that was held up says for how long, until it is asked again', async () => {
  const metrics = new ServiceMetrics('cart')
  const heldMs = 40
  await new Promise<void>(resolve => {
    setImmediate(() => {
      const untilMs = performance.now() + heldMs
      while (performance.now() < untilMs);
      // The turn after the next has the sample of the one that was held up.
      setImmediate(() => setImmediate(resolve))
    })
  })
  const longest = async () => {
    const { samples } = await page(metrics)
    return samples.find(sample => sample.name === 'nodejs_eventloop_delay_max_seconds')?.value
  }
  expect(await longest()).toBeGreaterThanOrEqual(heldMs / 1_000)
  // Who asks right after another one sees the same.
  expect(await longest()).toBeGreaterThanOrEqual(heldMs / 1_000)
})
