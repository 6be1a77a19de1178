import { Counter, Gauge, type Registry } from 'prom-client'

/** A service's own settings for a cache; read at each use. */
export interface CacheSettings {
  /** Entries that are kept; the one not used for the longest time goes first. 0: no cache. */
  readonly cacheEntriesMax: number
  /** How long an entry may be used. */
  readonly cacheTimeToLiveMs: number
}

interface Entry<Value> {
  readonly value: Value
  readonly freshUntilMs: number
}

/**
 * Values by key in this process's memory. What several requests want at the same time is loaded
 * once (single flight), also when nothing is kept. A key that the loader does not know is not
 * remembered.
 */
export class Cache<Value> {
  readonly #name: string
  readonly #settings: CacheSettings
  readonly #nowMs: () => number
  readonly #requests: Counter
  readonly #held: Gauge
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #loading = new Map<string, Promise<ReadonlyMap<string, Value>>>()

  constructor(options: {
    /** Value of the label `cache`; caches of one service need different ones. */
    readonly name: string
    readonly settings: CacheSettings
    readonly registry: Registry
    /** @default performance.now */
    readonly nowMs?: () => number
  }) {
    this.#name = options.name
    this.#settings = options.settings
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#requests = requestCounter(options.registry)
    this.#held = entryGauge(options.registry)
    this.#held.set({ cache: this.#name }, 0)
  }

  /** The key's value; undefined when `load` knows none. What `load` throws is thrown on. */
  async get(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const found = await this.many([key], async () => {
      const value = await load()
      return new Map(value === undefined ? [] : [[key, value] as const])
    })
    return found.get(key)
  }

  /**
   * The values of all keys that have one. `load` is called at most once, with the keys that are
   * neither kept nor being loaded.
   */
  async many(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Promise<Map<string, Value>> {
    const found = new Map<string, Value>()
    const missing: string[] = []
    const awaited = new Map<string, Promise<ReadonlyMap<string, Value>>>()
    for (const key of new Set(keys)) {
      const entry = this.#fresh(key)
      const loading = this.#loading.get(key)
      if (entry) found.set(key, entry.value)
      else if (loading) awaited.set(key, loading)
      else missing.push(key)
      this.#requests.inc({ cache: this.#name, result: entry ? 'hit' : 'miss' })
    }
    const loaded = this.#load(missing, load)
    for (const key of missing) awaited.set(key, loaded)
    // All of them at once: a load that fails while another is awaited must not go unheard.
    const values = await Promise.all(awaited.values())
    for (const [index, key] of [...awaited.keys()].entries()) {
      const value = values[index]?.get(key)
      if (value !== undefined) found.set(key, value)
    }
    return found
  }

  async #load(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Promise<ReadonlyMap<string, Value>> {
    if (keys.length === 0) return new Map()
    const loading = load(keys)
    for (const key of keys) this.#loading.set(key, loading)
    try {
      const values = await loading
      this.#keep(values)
      return values
    } finally {
      for (const key of keys) this.#loading.delete(key)
    }
  }

  #fresh(key: string): Entry<Value> | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    if (this.#settings.cacheEntriesMax <= 0 || entry.freshUntilMs <= this.#nowMs()) return undefined
    this.#entries.set(key, entry)
    return entry
  }

  #keep(values: ReadonlyMap<string, Value>): void {
    const { cacheEntriesMax, cacheTimeToLiveMs } = this.#settings
    const freshUntilMs = this.#nowMs() + cacheTimeToLiveMs
    for (const [key, value] of values) {
      this.#entries.delete(key)
      this.#entries.set(key, { value, freshUntilMs })
    }
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= cacheEntriesMax) break
      this.#entries.delete(key)
    }
    this.#held.set({ cache: this.#name }, this.#entries.size)
  }
}

function requestCounter(registry: Registry): Counter {
  const name = 'cache_requests_total'
  const known = registry.getSingleMetric(name)
  if (known instanceof Counter) return known
  return new Counter({
    name,
    help: 'Keys asked of a cache; a miss is loaded, or waits for a load that is under way',
    labelNames: ['cache', 'result'],
    registers: [registry],
  })
}

function entryGauge(registry: Registry): Gauge {
  const name = 'cache_entries'
  const known = registry.getSingleMetric(name)
  if (known instanceof Gauge) return known
  return new Gauge({
    name,
    help: 'Entries a cache holds, expired ones that nobody asked for included',
    labelNames: ['cache'],
    registers: [registry],
  })
}
