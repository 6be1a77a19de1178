import { clockFromNow, logTo } from '../../../base/index.ts'
import { Recorder, type KeptSample, type Sample } from '../../../metrics/index.ts'
import type { ScenarioPlan } from '../../../plan/index.ts'
import type { ExchangeClient } from '../../../protocols/index.ts'
import { openSession, type ClosableSession } from '../session.ts'
import type { SessionUser } from '../session-state.ts'
import { createTracing } from '../trace-context.ts'

export function scenarioFor(origin: string, over: Partial<ScenarioPlan> = {}): ScenarioPlan {
  return {
    name: 'shop',
    target: { origin, basePath: '', socketPath: undefined },
    load: undefined as never,
    thinkTime: { kind: 'none' },
    tasks: [],
    data: [],
    headers: {},
    timeoutUs: 30_000_000,
    connections: 'perUser',
    tls: { ca: undefined, cert: undefined, key: undefined, serverName: undefined, insecure: false },
    maxBodyBytes: 1_000_000,
    proxy: undefined,
    ...over,
  }
}

export interface Opened {
  readonly http: ClosableSession
  readonly user: SessionUser
  /** Every sample as it was when it was recorded, with the name of its series. */
  readonly samples: (Sample & { readonly name: string })[]
  /** 'series: check' and why it failed (undefined: it passed), in order. */
  readonly checks: (readonly [check: string, reason: string | undefined])[]
  /** Series and times of what was sent again, in order. */
  readonly retries: (readonly [name: string, times: number])[]
  /** Ends the measuring; what it kept whole. */
  readonly kept: () => readonly KeptSample[]
}

/** A session whose recorder also keeps what it is told. */
export function open(
  client: ExchangeClient,
  scenario: ScenarioPlan,
  scriptFolder = import.meta.dirname,
): Opened {
  const samples: Opened['samples'] = []
  const checks: Opened['checks'] = []
  const retries: Opened['retries'] = []
  const recorder = new ListeningRecorder(samples, checks, retries)
  const user = { id: 7, iteration: 3, pendingStartDelayUs: 0, closed: false }
  const http = openSession({
    ...{ scenario, user, client, recorder, clock: clockFromNow(), log: logTo(() => {}, 'error') },
    tracing: createTracing({ runId: 'test', sampledRatio: 1 }),
    scriptFolder,
  })
  const kept = () => {
    recorder.finish(60_000_000)
    return recorder.kept
  }
  return { http, user, samples, checks, retries, kept }
}

class ListeningRecorder extends Recorder {
  readonly kept: KeptSample[] = []
  readonly #names: string[] = []
  readonly #checkNames: string[] = []
  readonly #samples: Opened['samples']
  readonly #checks: Opened['checks']
  readonly #retries: Opened['retries']

  constructor(samples: Opened['samples'], checks: Opened['checks'], retries: Opened['retries']) {
    const idle = { cpuRatio: 0, eventLoopUtilization: 0, memoryBytes: 0 }
    const eventLoopDelay = new Uint8Array(0)
    super({
      worker: 0,
      onWindow: window => this.kept.push(...window.kept),
      generator: () => ({ ...idle, eventLoopDelay }),
    })
    this.#samples = samples
    this.#checks = checks
    this.#retries = retries
  }

  override series(...args: Parameters<Recorder['series']>): number {
    const id = super.series(...args)
    this.#names[id] = args[2]
    return id
  }

  override check(...args: Parameters<Recorder['check']>): number {
    const id = super.check(...args)
    this.#checkNames[id] = `${args[1]}: ${args[2]}`
    return id
  }

  override record(sample: Sample): void {
    super.record(sample)
    this.#samples.push({ ...sample, name: this.#names[sample.seriesId] ?? '' })
  }

  override retried(...args: Parameters<Recorder['retried']>): void {
    super.retried(...args)
    this.#retries.push([this.#names[args[0].seriesId] ?? '', args[1]])
  }

  override recordCheck(id: number, reason: string | undefined): void {
    super.recordCheck(id, reason)
    this.#checks.push([this.#checkNames[id] ?? '', reason])
  }
}
