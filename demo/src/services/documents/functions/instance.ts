import { Worker } from 'node:worker_threads'
import { Problem } from '../../../kit/http/problem.ts'
import type { Inspection, ProcessedDocument } from './document-work.ts'

/** The functions there are, and what each returns. */
export interface FunctionResults {
  'inspect-document': Inspection
  'process-document': ProcessedDocument
}

export type FunctionName = keyof FunctionResults

export interface InstanceStart {
  readonly name: FunctionName
  /** Passes over the table that the instance makes when it starts. */
  readonly initPasses: number
}

export interface ToInstance {
  readonly file: Uint8Array
}

export type FromInstance =
  | { readonly kind: 'ready'; readonly tableMs: number }
  | { readonly kind: 'done'; readonly result: Inspection | ProcessedDocument }

const heapMebibytesMax = 96

/** A function's sandbox, started on demand. It works one file at a time. */
export class FunctionInstance {
  readonly id: string
  readonly name: FunctionName
  /** When it last had work, by performance.now(). */
  idleSinceMs = 0
  readonly #worker: Worker
  readonly #ended: Promise<never>

  constructor(id: string, start: InstanceStart) {
    this.id = id
    this.name = start.name
    this.#worker = new Worker(new URL('function-host.ts', import.meta.url), {
      workerData: start,
      name: id,
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytesMax },
    })
    this.#ended = new Promise<never>((_, reject) => {
      const fail = (why: string) => reject(new Problem(502, `function ${start.name}: ${why}`))
      this.#worker.once('error', error => fail(String(error)))
      this.#worker.once('exit', code => fail(`its instance ended with code ${code}`))
    })
    // Nobody may be waiting when it ends; whoever asks later is told.
    this.#ended.catch(() => undefined)
  }

  /** Resolves once the instance can work. */
  async ready(): Promise<void> {
    await this.#next('ready')
  }

  /** Works one file; a file that takes longer than `timeoutMs` costs the instance its life. */
  async run<Name extends FunctionName>(
    file: Uint8Array,
    timeoutMs: number,
  ): Promise<FunctionResults[Name]> {
    const done = this.#next('done')
    // A copy of its own: a buffer may be a part of a larger one, which would go along.
    const own = new Uint8Array(file)
    this.#worker.postMessage({ file: own } satisfies ToInstance, [own.buffer])
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      reject(new Problem(504, `function ${this.name} took longer than ${timeoutMs} ms`))
    }, timeoutMs)
    try {
      const { result } = await Promise.race([done, late])
      return result as FunctionResults[Name]
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves when the thread is gone. */
  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #next<Kind extends FromInstance['kind']>(
    kind: Kind,
  ): Promise<Extract<FromInstance, { kind: Kind }>> {
    const said = new Promise<Extract<FromInstance, { kind: Kind }>>((resolve, reject) => {
      this.#worker.once('message', (message: FromInstance) => {
        if (message.kind === kind) resolve(message as Extract<FromInstance, { kind: Kind }>)
        else reject(new Error(`${this.name} said ${message.kind}, not ${kind}`))
      })
    })
    return Promise.race([said, this.#ended])
  }
}
