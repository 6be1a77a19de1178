import { Histogram, Recorder, type WindowData } from '../../metrics/index.ts'
import type { TestPlan } from '../../plan/index.ts'
import { plainPlan, plainScenario } from '../../plan/testing/plain-plan.ts'
import type { FromWorker, ToWorker } from '../messages.ts'
import type { Transport, WorkerLink } from '../transport.ts'

/** One worker whose answers the test writes. */
export class ScriptedLink implements WorkerLink {
  readonly worker: number
  readonly sent: ToWorker[] = []
  closed = 0
  /** Answers messages by itself; replace it to answer otherwise. */
  answer: (message: ToWorker) => void = message => {
    if (message.kind === 'prepare') this.say({ kind: 'ready', worker: this.worker })
  }
  #receive: (message: FromWorker) => void = () => {}
  #lost: (reason: string) => void = () => {}

  constructor(worker: number) {
    this.worker = worker
  }

  /** Kinds of the messages it was sent, in order. */
  get kinds(): string[] {
    return this.sent.map(({ kind }) => kind)
  }

  send(message: ToWorker): void {
    this.sent.push(message)
    this.answer(message)
  }

  onMessage(receive: (message: FromWorker) => void): void {
    this.#receive = receive
  }

  onLost(report: (reason: string) => void): void {
    this.#lost = report
  }

  async close(): Promise<void> {
    this.closed += 1
  }

  say(message: FromWorker): void {
    this.#receive(message)
  }

  lose(reason: string): void {
    this.#lost(reason)
  }

  end(exhausted: readonly string[] = []): void {
    this.say({ kind: 'ended', worker: this.worker, exhausted })
  }

  /** One window with this many exchanges of 1 ms. */
  window(index: number, exchanges: number): void {
    this.say({
      kind: 'window',
      worker: this.worker,
      window: windowOf(this.worker, index, exchanges),
    })
  }
}

/** A transport of scripted workers, for tests of the controller. */
export class ScriptedTransport implements Transport {
  readonly links: ScriptedLink[] = []

  connect(workers: number): Promise<readonly WorkerLink[]> {
    while (this.links.length < workers) this.links.push(new ScriptedLink(this.links.length))
    return Promise.resolve(this.links)
  }
}

function windowOf(worker: number, index: number, exchanges: number): WindowData {
  const windows: WindowData[] = []
  const recorder = new Recorder({
    worker,
    onWindow: window => windows.push(window),
    generator: () => ({
      cpuRatio: 0.1,
      eventLoopUtilization: 0.1,
      eventLoopDelay: new Histogram().encode(),
      memoryBytes: 1,
    }),
  })
  recorder.closeUpTo(index * 1e6)
  const seriesId = recorder.series('request', 'shopper', 'GET /')
  for (let i = 0; i < exchanges; i++) {
    const startedAtUs = index * 1e6 + i
    recorder.record({
      ...{ seriesId, intendedAtUs: startedAtUs, startedAtUs, endedAtUs: startedAtUs + 1000 },
      ...{ status: 200, failure: undefined, bytesIn: 100, bytesOut: 50 },
      ...{ userId: 0, iteration: i, traceId: '', timings: undefined },
    })
  }
  recorder.closeUpTo((index + 1) * 1e6)
  const last = windows.at(-1)
  if (last === undefined) throw new Error('no window was closed')
  return last
}

/** A plan of one scenario with `workers` workers that lasts 10 s, changed as the test needs. */
export function planOf(change: Partial<TestPlan> = {}): TestPlan {
  const shopper = plainScenario({
    name: 'shopper',
    load: { kind: 'users', segments: [{ fromUsers: 2, toUsers: 2, durationUs: 10_000_000 }] },
  })
  const plain = { script: 'shop.ts', scenarios: [shopper], stopTimeoutUs: 5_000_000, seed: 1 }
  return plainPlan({ ...plain, ...change })
}
