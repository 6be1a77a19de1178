import {
  constants,
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type EventLoopUtilization,
  type PerformanceEntry,
} from 'node:perf_hooks'
import { getHeapSpaceStatistics } from 'node:v8'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Two readers that ask right after each other see the same window of the event loop. */
const windowMsMin = 1_000

const gcTypes: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

const percentiles = [50, 90, 99] as const

/**
 * The process, its event loop and its garbage collector, under OpenTelemetry's names and those of
 * Prometheus' client libraries. Everything is read when Prometheus asks; nothing wakes an idle
 * process up. Ends with the process.
 */
export function collectRuntime(registry: Registry): void {
  processMetrics(registry)
  eventLoopMetrics(registry)
  heapMetrics(registry)
  collectorMetrics(registry)
}

function processMetrics(registry: Registry): void {
  const registers = [registry]
  const counter = (name: string, help: string, readSeconds: () => number) => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset()
        this.inc(readSeconds())
      },
    })
  }
  const user = () => process.cpuUsage().user / 1e6
  const system = () => process.cpuUsage().system / 1e6
  counter('process_cpu_seconds_total', 'CPU time', () => user() + system())
  counter('process_cpu_user_seconds_total', 'CPU time in our own code', user)
  counter('process_cpu_system_seconds_total', 'CPU time in the system', system)
  gauge(registry, 'process_resident_memory_bytes', 'Memory held', () => process.memoryUsage.rss())
  const startedAtS = performance.timeOrigin / 1000
  gauge(registry, 'process_start_time_seconds', 'Start, Unix time', () => startedAtS)
}

function eventLoopMetrics(registry: Registry): void {
  // A sample an iteration, not a timer: on Node before 24 the option is not known, and there the
  // numbers contain the timer's own 10 ms.
  const delay = monitorEventLoopDelay({ samplePerIteration: true })
  delay.enable()
  let sinceMs = performance.now()
  let since: EventLoopUtilization = performance.eventLoopUtilization()
  let seconds: Record<string, number> = {}
  let utilization = 0
  const look = () => {
    const nowMs = performance.now()
    if (nowMs - sinceMs < windowMsMin && 'max' in seconds) return
    const now = performance.eventLoopUtilization()
    utilization = performance.eventLoopUtilization(now, since).utilization
    const shares = percentiles.map(share => [`p${share}`, delay.percentile(share) / 1e9] as const)
    seconds = { ...Object.fromEntries(shares), max: delay.max / 1e9 }
    delay.reset()
    since = now
    sinceMs = nowMs
  }
  for (const part of [...percentiles.map(share => `p${share}`), 'max']) {
    const help = 'Time one turn of the event loop held the next one up, since it was last asked for'
    gauge(registry, `nodejs_eventloop_delay_${part}_seconds`, help, () => {
      look()
      return seconds[part] ?? 0
    })
  }
  const help = 'Share of the time the event loop was busy, since it was last asked for'
  gauge(registry, 'nodejs_eventloop_utilization', help, () => {
    look()
    return utilization
  })
  new Counter({
    name: 'nodejs_eventloop_time_seconds_total',
    help: 'Time the event loop was busy or idle',
    labelNames: ['nodejs_eventloop_state'],
    registers: [registry],
    collect() {
      const { active, idle } = performance.eventLoopUtilization()
      this.reset()
      this.inc({ nodejs_eventloop_state: 'active' }, active / 1000)
      this.inc({ nodejs_eventloop_state: 'idle' }, idle / 1000)
    },
  })
}

function heapMetrics(registry: Registry): void {
  const labelNames = ['v8js_heap_space_name']
  const registers = [registry]
  new Gauge({
    ...{ name: 'v8js_memory_heap_used_bytes', help: 'Heap in use', labelNames, registers },
    collect() {
      for (const space of getHeapSpaceStatistics()) {
        this.set({ v8js_heap_space_name: space.space_name }, space.space_used_size)
      }
    },
  })
}

type CollectorEntry = PerformanceEntry & { readonly detail: { readonly kind: number } }

function collectorMetrics(registry: Registry): void {
  const duration = new Histogram({
    name: 'v8js_gc_duration_seconds',
    help: 'Time of one garbage collection',
    labelNames: ['v8js_gc_type'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 1, 10],
    registers: [registry],
  })
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as CollectorEntry).detail
      duration.observe({ v8js_gc_type: gcTypes[kind] ?? 'other' }, entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    ...{ name, help, registers: [registry] },
    collect() {
      this.set(read())
    },
  })
}
