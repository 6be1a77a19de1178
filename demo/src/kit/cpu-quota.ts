import { Counter, Gauge, type Registry } from 'prom-client'

/** The period of the kernel's CFS bandwidth control, cpu.cfs_period_us: 100 ms. */
const periodMs = 100
const lookMs = 2

/**
 * A limit of CPU time as a container has it, made inside the process: once this period's quota is
 * used up, the process does nothing until the period ends. The time counts all threads, as a
 * cgroup's does. The numbers have cAdvisor's names, so that they are read the same way.
 */
export class CpuQuota {
  readonly #coresMax: () => number
  readonly #timer: NodeJS.Timeout
  readonly #periods: Counter
  readonly #throttledPeriods: Counter
  readonly #throttledSeconds: Counter
  readonly #sleepCell = new Int32Array(new SharedArrayBuffer(4))
  #periodStartMs = performance.now()
  #usedAtStartMs = usedCpuMs()

  /** `coresMax` is asked in every period; 0 is no limit. */
  constructor(options: { readonly coresMax: () => number; readonly registry: Registry }) {
    this.#coresMax = options.coresMax
    const registers = [options.registry]
    const counter = (name: string, help: string) => new Counter({ name, help, registers })
    this.#periods = counter(
      'container_cpu_cfs_periods_total',
      'Periods of 100 ms in which the CPU time was limited',
    )
    this.#throttledPeriods = counter(
      'container_cpu_cfs_throttled_periods_total',
      'Periods in which the limit was reached',
    )
    this.#throttledSeconds = counter(
      'container_cpu_cfs_throttled_seconds_total',
      'Time the process was held up by its limit',
    )
    const coresMax = options.coresMax
    new Gauge({
      name: 'container_spec_cpu_quota',
      help: 'CPU time allowed in a period, µs; 0 without a limit',
      registers,
      collect() {
        this.set(coresMax() * periodMs * 1_000)
      },
    })
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const cores = this.#coresMax()
    const nowMs = performance.now()
    const intoPeriodMs = nowMs - this.#periodStartMs
    if (cores <= 0 || intoPeriodMs >= periodMs) {
      if (cores > 0) this.#periods.inc()
      this.#begin(nowMs, cores)
      return
    }
    if (usedCpuMs() - this.#usedAtStartMs < cores * periodMs) return
    const waitMs = periodMs - intoPeriodMs
    this.#periods.inc()
    this.#throttledPeriods.inc()
    this.#throttledSeconds.inc(waitMs / 1_000)
    Atomics.wait(this.#sleepCell, 0, 0, waitMs)
    this.#begin(performance.now(), cores)
  }

  /** What was used beyond the quota (a long task cannot be cut) is owed to the next period. */
  #begin(nowMs: number, cores: number): void {
    const usedMs = usedCpuMs()
    const debtMs = cores <= 0 ? 0 : usedMs - this.#usedAtStartMs - cores * periodMs
    this.#periodStartMs = nowMs
    this.#usedAtStartMs = usedMs - Math.max(0, Math.min(debtMs, 10 * periodMs))
  }
}

function usedCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
