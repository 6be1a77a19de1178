import { randomInt } from 'node:crypto'
import type { Fault, FaultLabel, ParameterValues } from './fault.ts'
import { drawParameters, FaultInputError, readParameters } from './parameters.ts'
import type { FaultSurface } from './surface.ts'

/** One fault that is or was set. */
export interface FaultEntry {
  readonly id: number
  readonly name: string
  readonly family: string
  readonly parameters: ParameterValues
  /** The seed its parameters were drawn with; absent when they were given. */
  readonly seed?: number
  readonly label: FaultLabel
  readonly setAt: string
  /** Absent while it is set. */
  readonly clearedAt?: string
}

export interface FaultOrder {
  readonly name: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Draws the parameters that are not given; the seed is chosen when there is none. */
  readonly random?: boolean
  readonly seed?: number
}

const historyMax = 1_000

/** The fault of that name. Throws FaultInputError when there is none, or not without a mesh. */
export function faultFor(
  name: string,
  shop: { readonly faults: readonly Fault[]; readonly mesh: boolean },
): Fault {
  const fault = findFault(name, shop.faults)
  if (fault.needs !== 'mesh' || shop.mesh) return fault
  throw new FaultInputError(`${name} needs a shop that was started with --mesh`)
}

function findFault(name: string, faults: readonly Fault[]): Fault {
  const fault = faults.find(one => one.name === name)
  if (fault) return fault
  const known = faults.map(one => one.name).join(', ')
  throw new FaultInputError(`there is no fault "${name}"; there are: ${known}`)
}

/** Sets and clears faults, one after the other, and remembers when. */
export class FaultBoard {
  readonly faults: readonly Fault[]
  readonly #surface: FaultSurface
  readonly #mesh: boolean
  readonly #nowUnixMs: () => number
  readonly #history: FaultEntry[] = []
  readonly #undo = new Map<string, () => Promise<void>>()
  #queue: Promise<unknown> = Promise.resolve()
  #lastId = 0

  constructor(options: {
    readonly faults: readonly Fault[]
    readonly surface: FaultSurface
    readonly mesh: boolean
    readonly nowUnixMs: () => number
  }) {
    this.faults = options.faults
    this.#surface = options.surface
    this.#mesh = options.mesh
    this.#nowUnixMs = options.nowUnixMs
  }

  /** Every fault that was set since the start, the newest last; at most the last 1,000. */
  get history(): readonly FaultEntry[] {
    return this.#history
  }

  get active(): readonly FaultEntry[] {
    return this.#history.filter(entry => entry.clearedAt === undefined)
  }

  /**
   * Sets a fault; resolves when it acts. Throws FaultInputError for an unknown one, wrong
   * parameters, one that is set already, or one that this shop was not started for.
   */
  set(order: FaultOrder): Promise<FaultEntry> {
    return this.#inTurn(async () => {
      const fault = faultFor(order.name, { faults: this.faults, mesh: this.#mesh })
      if (this.#undo.has(fault.name)) {
        throw new FaultInputError(`${fault.name} is set already; clear it first`)
      }
      const { values, seed } = this.#valuesOf(fault, order)
      const undo = await fault.set(this.#surface, values)
      this.#undo.set(fault.name, undo)
      this.#lastId += 1
      const { name, family } = fault
      const entry: FaultEntry = {
        ...{ id: this.#lastId, name, family, parameters: values },
        ...(seed === undefined ? {} : { seed }),
        ...{ label: fault.label(values), setAt: this.#now() },
      }
      this.#history.push(entry)
      if (this.#history.length > historyMax) this.#history.shift()
      return entry
    })
  }

  /** Clears a fault; resolves when everything it did is undone. Throws when it is not set. */
  clear(name: string): Promise<FaultEntry> {
    return this.#inTurn(() => this.#clearNow(name))
  }

  /**
   * Clears all, the newest first. When one cannot be cleared the others are cleared all the same,
   * and the first error is thrown.
   */
  clearAll(): Promise<FaultEntry[]> {
    return this.#inTurn(async () => {
      const cleared: FaultEntry[] = []
      const failures: unknown[] = []
      for (const name of [...this.#undo.keys()].reverse()) {
        await this.#clearNow(name).then(
          entry => cleared.push(entry),
          (error: unknown) => failures.push(error),
        )
      }
      if (failures.length > 0) throw failures[0]
      return cleared
    })
  }

  async #clearNow(name: string): Promise<FaultEntry> {
    const undo = this.#undo.get(findFault(name, this.faults).name)
    const index = this.#history.findLastIndex(entry => entry.name === name)
    const entry = this.#history[index]
    if (!undo || !entry) throw new FaultInputError(`${name} is not set`)
    await undo()
    this.#undo.delete(name)
    const cleared = { ...entry, clearedAt: this.#now() }
    this.#history[index] = cleared
    return cleared
  }

  #valuesOf(fault: Fault, order: FaultOrder): { values: ParameterValues; seed?: number } {
    const given = order.parameters ?? {}
    if (!order.random) return { values: readParameters(fault, given) }
    const seed = order.seed ?? randomInt(2 ** 31)
    return { values: readParameters(fault, { ...drawParameters(fault, seed), ...given }), seed }
  }

  #now(): string {
    return new Date(this.#nowUnixMs()).toISOString()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}
