import { lookup, type LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { Clock } from '../../base/index.ts'

const keptUs = 10_000_000
const namesMax = 1_000

interface Name {
  addresses: LookupAddress[]
  readonly untilUs: number
  turn: number
}

type Resolved = (error: Error | undefined, addresses: readonly string[]) => void

/**
 * Host names and their addresses, kept for 10 s per thread, so that 10,000 users who connect do not
 * queue for the system's resolver (four threads); callers who ask for the same name meanwhile share
 * one question. Failures are not kept. Addresses come in the system's order, except that those of
 * the first one's family take turns at the front: connections spread over a service's instances.
 */
export class NameCache {
  readonly #clock: Clock
  readonly #names = new Map<string, Name>()
  readonly #asked = new Map<string, Resolved[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls back at once when the answer is known, or when the host is an address itself. */
  resolve(host: string, resolved: Resolved): void {
    if (isIP(host) !== 0) return resolved(undefined, [host])
    const name = this.#names.get(host)
    if (name !== undefined && this.#clock.nowUs() < name.untilUs) {
      return resolved(undefined, inTurn(name))
    }
    const waiting = this.#asked.get(host)
    if (waiting !== undefined) {
      waiting.push(resolved)
      return
    }
    this.#asked.set(host, [resolved])
    lookup(host, { all: true, order: 'verbatim' }, (error, addresses) => {
      this.#answered(host, error ?? undefined, addresses)
    })
  }

  /** `address` took a connection after others refused: its family goes first from now on. */
  prefer(host: string, address: string): void {
    const name = this.#names.get(host)
    if (name === undefined) return
    const family = isIP(address)
    const isPreferred = (other: LookupAddress) => other.family === family
    name.addresses = [
      ...name.addresses.filter(isPreferred),
      ...name.addresses.filter(other => !isPreferred(other)),
    ]
  }

  #answered(host: string, error: Error | undefined, addresses: LookupAddress[]): void {
    const waiting = this.#asked.get(host) ?? []
    this.#asked.delete(host)
    if (error !== undefined) {
      for (const resolved of waiting) resolved(error, [])
      return
    }
    if (this.#names.size >= namesMax) this.#names.clear()
    const name = { addresses, untilUs: this.#clock.nowUs() + keptUs, turn: 0 }
    this.#names.set(host, name)
    for (const resolved of waiting) resolved(undefined, inTurn(name))
  }
}

function inTurn(name: Name): string[] {
  const family = name.addresses[0]?.family
  const first = name.addresses.filter(address => address.family === family)
  const others = name.addresses.filter(address => address.family !== family)
  const turn = name.turn++ % Math.max(1, first.length)
  return [...first.slice(turn), ...first.slice(0, turn), ...others].map(({ address }) => address)
}
