import { mkdtempSync, rmSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clockFromNow, wallNowUnixMs } from '../../base/index.ts'
import { RunAccumulator, type WindowData } from '../../metrics/index.ts'
import { recorderInto, sampleOf } from '../../metrics/testing/samples.ts'
import type { TestPlan } from '../../plan/index.ts'
import { plainPlan, plainScenario } from '../../plan/testing/plain-plan.ts'
import type { RunningRun } from '../../run/index.ts'
import { openStore, type RunStore } from '../../store/index.ts'
import { environment } from '../../store/testing/runs.ts'
import { openDashboard, type Dashboard, type DashboardOptions } from '../dashboard.ts'
import { LiveRun } from '../live/live-run.ts'

/** A dashboard on a port of its own, with an empty store; `close` takes everything away. */
export interface Rig {
  readonly dashboard: Dashboard
  readonly store: RunStore
  readonly folder: string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  close(): Promise<void>
}

export interface SendOptions {
  /** An object is sent as JSON; text as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly bytes: Buffer
  readonly text: string
  readonly json: () => unknown
}

export async function startRig(change: Partial<DashboardOptions> = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-server-'))
  const store = await openStore(join(folder, 'runs.db'))
  const closeStore = async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  }
  const options = {
    ...{ store, clock: clockFromNow(), loadstoneVersion: '0.1.0', port: 0 },
    ...{ pageFolder: join(folder, 'page'), ...change },
  }
  const dashboard = await openDashboard(options).catch(async (error: unknown) => {
    await closeStore()
    throw error
  })
  const send: Rig['send'] = (method, path, options = {}) => {
    return exchanged(dashboard.port, method, path, options)
  }
  return {
    ...{ dashboard, store, folder, send },
    get: (path, headers = {}) => send('GET', path, { headers }),
    close: async () => {
      await dashboard.close()
      await closeStore()
    },
  }
}

/** node:http, because fetch forbids the headers that browsers send by themselves. */
function exchanged(
  port: number,
  method: string,
  path: string,
  { body, headers = {} }: SendOptions,
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ host: '127.0.0.1', port, method, path, agent: false },
      headers: { ...type, ...headers },
    })
    asked.on('error', reject)
    asked.on('response', answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const json = () => JSON.parse(bytes.toString()) as unknown
        const { statusCode: status = 0, headers: got } = answer
        resolve({ status, headers: got, bytes, text: bytes.toString(), json })
      })
    })
    asked.end(text)
  })
}

/** A run of this process that the test drives second by second. */
export function liveRun(
  id = 'run-1',
  older?: ConstructorParameters<typeof LiveRun>[0]['older'],
  change: Partial<TestPlan> = {},
) {
  const scenarios = [plainScenario({ name: 'shop' })]
  const plan = plainPlan({ workers: 1, scenarios, ...change })
  const live = new LiveRun({
    ...{ id, plan, environment, loadstoneVersion: '0.1.0', startedAtUnixMs: wallNowUnixMs() },
    ...(older && { older }),
  })
  const accumulator = new RunAccumulator({
    workers: [0],
    scenarios: [{ scenario: 'shop', model: 'closed' }],
    thresholds: [],
    onSecond: second => live.listeners.onSecond(second),
  })
  const asked: string[] = []
  const run: RunningRun = {
    ended: new Promise(() => {}),
    paused: false,
    stop: how => asked.push(`stop ${how}`),
    adjustUsers: delta => asked.push(`users ${delta}`),
    changeRate: factor => asked.push(`rate ${factor}`),
    setPaused: paused => asked.push(paused ? 'pause' : 'resume'),
  }
  const windows: WindowData[] = []
  const recorder = recorderInto(windows)
  recorder.scenario('shop')
  let next = 0
  return {
    live,
    run,
    asked,
    /** One more second with this many requests. */
    second: (requests = 3) => {
      const seriesId = recorder.series('request', 'shop', 'GET /a')
      for (let i = 0; i < requests; i += 1) {
        recorder.record(sampleOf({ seriesId, endedAtUs: next * 1e6 + 5e5 + i }))
      }
      next += 1
      recorder.closeUpTo(next * 1e6)
      for (const window of windows.splice(0)) accumulator.add(window)
    },
    end: () => {
      const facts = {
        ...{ id, script: plan.script, startedAtUnixMs: 0, durationUs: next * 1e6 },
        ...({ endState: 'finished', endReason: undefined, refusedHost: undefined } as const),
        ...({ model: 'closed', seed: 1, tags: {}, loadstoneVersion: '0.1.0' } as const),
      }
      live.end(accumulator.summary({ facts }), 'pass')
    },
  }
}
