import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** About what one entry takes: the object, its text and its array. */
const entryBytes = 200
/** Put in at a time, so that filling the memory is no pause of its own. */
const stepBytes = 5_000_000

interface Entry {
  readonly key: string
  readonly values: number[]
}

/** Many small objects that are all alive: the collector has to mark each in every collection. */
export class LiveObjects {
  readonly #steps: Entry[][] = []

  /** Puts in a step towards `bytes`, or lets go of what is too much. */
  growTo(bytes: number): void {
    const steps = Math.ceil(bytes / stepBytes)
    if (this.#steps.length > steps) this.#steps.length = steps
    if (this.#steps.length < steps) this.#steps.push(step(this.#steps.length))
  }

  get bytes(): number {
    return this.#steps.length * stepBytes
  }
}

const step = (number: number) =>
  Array.from({ length: stepBytes / entryBytes }, (_, n): Entry => {
    return { key: `${number}:${n}`, values: [n, n + 1, n + 2, n + 3] }
  })

let collect: (() => void) | undefined

/** Collects the whole heap; nothing else happens in the process meanwhile. */
export function collectAll(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
