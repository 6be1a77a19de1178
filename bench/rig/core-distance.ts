import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ThreadSetting } from './core-distance-thread.ts'

/**
 * Cores that share a cache exchange a line in under 0.2 µs there and back; others take twice that.
 */
const nearNs = 200

export type Nearness = 'near' | 'far'

/**
 * How long a cache line takes from one core to another and back. On a virtual machine that is no
 * constant: the host moves virtual cores from one moment to the next, and where client and server
 * lie on different caches, the same loopback traffic costs more than twice the CPU. Numbers
 * are comparable only when they were taken at the same distance.
 */
export class CoreDistance implements AsyncDisposable {
  readonly #ball = new Int32Array(new SharedArrayBuffer(4))
  readonly #threads: readonly Worker[]

  private constructor(cores: readonly [number, number]) {
    this.#threads = cores.map((core, index) => {
      const setting: ThreadSetting = { shared: this.#ball.buffer, core, serves: index === 0 }
      return new Worker(join(import.meta.dirname, 'core-distance-thread.ts'), {
        workerData: setting,
      })
    })
  }

  static async between(one: number, other: number): Promise<CoreDistance> {
    const distance = new CoreDistance([one, other])
    await Promise.all(distance.#threads.map(thread => once(thread, 'message')))
    return distance
  }

  /** Round trip now, ns; NaN when the cores are the same or busy. Takes a few ms. */
  async roundTripNs(): Promise<number> {
    Atomics.store(this.#ball, 0, 0)
    const results = Promise.all(this.#threads.map(thread => once(thread, 'message')))
    for (const thread of this.#threads) thread.postMessage('play')
    const [served] = await results
    return Number(served?.[0])
  }

  /** Undefined when the cores were too busy to tell. */
  async nearness(): Promise<Nearness | undefined> {
    const roundTripNs = await this.roundTripNs()
    if (Number.isNaN(roundTripNs)) return undefined
    return roundTripNs < nearNs ? 'near' : 'far'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.terminate()))
  }
}

/** Round trips between every two of the cores, as text: '0-1 95 ns, 0-2 410 ns'. */
export async function distancesText(cores: readonly number[]): Promise<string> {
  const texts: string[] = []
  for (const [index, one] of cores.entries()) {
    for (const other of cores.slice(index + 1, 8)) {
      await using distance = await CoreDistance.between(one, other)
      const roundTripNs = await distance.roundTripNs()
      texts.push(`${one}-${other} ${roundTripNs > 0 ? `${Math.round(roundTripNs)} ns` : 'busy'}`)
    }
  }
  return texts.join(', ')
}
