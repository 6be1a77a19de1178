import { Problem } from '../../../kit/http/problem.ts'
import type { ServiceMetrics } from '../../../kit/telemetry/metrics.ts'
import { traced, type TraceSpan } from '../../../kit/telemetry/tracing.ts'
import { FunctionMetrics } from './function-metrics.ts'
import { FunctionInstance, type FunctionName, type FunctionResults } from './instance.ts'

/** Read at each use. */
export interface FunctionSettings {
  /** An instance without work for so long is ended; 0: after each invocation. */
  readonly functionIdleMs: number
  /** Invocations at the same time, of all functions; beyond that they are throttled (429). */
  readonly functionConcurrencyMax: number
  /** Passes over a table of 65,536 entries that a new instance makes: its start-up work. */
  readonly functionInitPasses: number
  /** An invocation that takes longer is ended, and its instance with it. */
  readonly functionTimeoutMs: number
}

const reapMs = 100

/**
 * Runs functions as a serverless platform does: an invocation gets an instance for itself, one
 * that is warm or a new one; those without work are ended after a while.
 */
export class FunctionRuntime {
  readonly #settings: FunctionSettings
  readonly #metrics: FunctionMetrics
  readonly #instances = new Set<FunctionInstance>()
  /** The last one used is used first, so that the others may end. */
  readonly #idle: FunctionInstance[] = []
  readonly #ending = new Set<Promise<void>>()
  readonly #reaper: NodeJS.Timeout
  #busy = 0
  #started = 0
  #stopped = false

  constructor(options: { readonly settings: FunctionSettings; readonly metrics: ServiceMetrics }) {
    this.#settings = options.settings
    this.#metrics = new FunctionMetrics({
      registry: options.metrics.registry,
      read: () => ({
        busy: this.#busy,
        idle: this.#idle.length,
        limit: this.#settings.functionConcurrencyMax,
      }),
    })
    this.#reaper = setInterval(() => this.#reap(), reapMs)
    this.#reaper.unref()
  }

  /**
   * The function's result for one file. Throws 429 when too many are running, 504 when it took too
   * long, 502 when its instance broke.
   */
  async invoke<Name extends FunctionName>(
    name: Name,
    file: Uint8Array,
    parent: TraceSpan,
  ): Promise<FunctionResults[Name]> {
    if (this.#stopped) throw new Problem(503, 'functions are stopping')
    if (this.#busy >= this.#settings.functionConcurrencyMax) {
      this.#metrics.throttles.inc({ faas_name: name })
      throw new Problem(429, `too many invocations at once: ${this.#busy}`, { 'retry-after': '1' })
    }
    this.#busy += 1
    const attributes = { 'faas.invoked_name': name, 'faas.invoked_provider': 'shop' }
    const span = parent.start('client', `invoke ${name}`, attributes)
    try {
      return await traced(span, () => this.#run(name, file, span))
    } finally {
      this.#busy -= 1
    }
  }

  /** Ends every instance; resolves when all threads are gone. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#reaper)
    this.#idle.length = 0
    for (const instance of this.#instances) this.#end(instance)
    await Promise.all(this.#ending)
  }

  async #run<Name extends FunctionName>(
    name: Name,
    file: Uint8Array,
    span: TraceSpan,
  ): Promise<FunctionResults[Name]> {
    this.#metrics.invocations.inc({ faas_name: name })
    const startedMs = performance.now()
    let instance: FunctionInstance | undefined
    try {
      const warm = this.#takeIdle(name)
      instance = warm ?? this.#start(name)
      span.describe({ 'faas.coldstart': warm === undefined, 'faas.instance': instance.id })
      if (warm === undefined) await this.#awaitStart(instance)
      const result = await instance.run<Name>(file, this.#settings.functionTimeoutMs)
      this.#release(instance)
      return result
    } catch (error) {
      const late = error instanceof Problem && error.status === 504
      const failures = late ? this.#metrics.timeouts : this.#metrics.errors
      failures.inc({ faas_name: name })
      if (instance) this.#end(instance)
      throw error
    } finally {
      const tookS = (performance.now() - startedMs) / 1_000
      this.#metrics.invokeDuration.observe({ faas_name: name }, tookS)
    }
  }

  #takeIdle(name: FunctionName): FunctionInstance | undefined {
    const index = this.#idle.findLastIndex(instance => instance.name === name)
    return index === -1 ? undefined : this.#idle.splice(index, 1)[0]
  }

  #start(name: FunctionName): FunctionInstance {
    this.#started += 1
    const initPasses = this.#settings.functionInitPasses
    const instance = new FunctionInstance(`${name}-${this.#started}`, { name, initPasses })
    this.#instances.add(instance)
    this.#metrics.coldStarts.inc({ faas_name: name })
    return instance
  }

  async #awaitStart(instance: FunctionInstance): Promise<void> {
    const startedMs = performance.now()
    await instance.ready()
    const tookS = (performance.now() - startedMs) / 1_000
    this.#metrics.initDuration.observe({ faas_name: instance.name }, tookS)
  }

  #release(instance: FunctionInstance): void {
    if (this.#stopped || this.#settings.functionIdleMs <= 0) return this.#end(instance)
    instance.idleSinceMs = performance.now()
    this.#idle.push(instance)
  }

  #reap(): void {
    const sinceMs = performance.now() - this.#settings.functionIdleMs
    // The longest idle ones are in front.
    while (this.#idle[0] && this.#idle[0].idleSinceMs <= sinceMs) this.#end(this.#idle.shift()!)
  }

  #end(instance: FunctionInstance): void {
    if (!this.#instances.delete(instance)) return
    const ending = instance.end().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }
}
