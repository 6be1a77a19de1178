import { seededRandom } from '../../src/base/index.ts'
import {
  encodeSecond,
  Histogram,
  parseThreshold,
  Recorder,
  secondOf,
  type RunSecond,
  type WindowData,
} from '../../src/metrics/index.ts'
import type { RunItem, RunPage } from '../../src/server/api.ts'

/** What a made-up run looks like. Everything follows from the seed. */
export interface MadeRunOptions {
  readonly id?: string
  readonly seconds: number
  /** @default 12 */
  readonly names?: number
  /** Exchanges of a name in a second. @default 20 */
  readonly perName?: number
  readonly model?: 'open' | 'closed'
  /** @default 0 */
  readonly warmUpSeconds?: number
  /** Share that fails, 0..1. @default 0.02 */
  readonly failing?: number
  /** Text of failures beside 'status 503'. @default 'timeout' */
  readonly reason?: string
  readonly state?: RunItem['state']
  /** Multiplies every latency. @default 1 */
  readonly slowness?: number
  readonly startedAtUnixMs?: number
  readonly tags?: Readonly<Record<string, string>>
  readonly script?: string
}

export interface MadeRun {
  readonly page: RunPage
  readonly seconds: readonly RunSecond[]
  readonly bytes: readonly Uint8Array[]
}

const verbs = ['GET', 'GET', 'POST', 'PUT', 'DELETE']
const nouns = ['catalog/products', 'cart/items', 'orders', 'users/:id/addresses', 'search']

export const nameOf = (index: number): string => {
  const suffix = index < nouns.length ? '' : `/${index}`
  return `${verbs[index % verbs.length]} /api/${nouns[index % nouns.length]}${suffix}`
}

/** A run of generated exchanges, recorded as a worker would. */
export function madeRun(options: MadeRunOptions): MadeRun {
  const windows: WindowData[] = []
  const random = seededRandom(7, 'made run')
  const recorder = new Recorder({
    worker: 0,
    onWindow: window => windows.push(window),
    generator: () => ({
      cpuRatio: 0.3 + random.float() * 0.1,
      eventLoopUtilization: 0.35 + random.float() * 0.1,
      eventLoopDelay: Histogram.of([200, 400, 900, 1500]).encode(),
      memoryBytes: 90_000_000,
    }),
  })
  for (let second = 0; second < options.seconds; second++) {
    recordSecond(recorder, { ...options, second, random: () => random.float() })
  }
  recorder.finish(options.seconds * 1e6)
  const seconds = windows.map(window => secondOf([window]))
  return { page: pageOf(options, seconds), seconds, bytes: seconds.map(encodeSecond) }
}

interface Moment extends MadeRunOptions {
  readonly second: number
  readonly random: () => number
}

function recordSecond(recorder: Recorder, moment: Moment): void {
  const { second, names = 12, perName = 20 } = moment
  const scenario = recorder.scenario('shopper')
  recorder.closeUpTo(second * 1e6)
  recorder.setUsers(scenario, Math.min(50, 1 + second))
  for (let name = 0; name < names; name++) {
    for (let turn = 0; turn < perName; turn++) recordOne(recorder, moment, name)
  }
  const steps = recorder.series('step', 'shopper', 'check out')
  recorder.record(sampleOf(moment, { seriesId: steps, factor: 4, failure: undefined, status: 0 }))
  recorder.iterationStarted(scenario, moment.random() * 800)
  recorder.iterationEnded(scenario, 'completed')
}

function recordOne(recorder: Recorder, moment: Moment, name: number): void {
  const { random, failing = 0.02, reason = 'timeout' } = moment
  const fails = random() < failing
  const [failure, status] = !fails
    ? [undefined, 200]
    : (
        [
          ['status 503', 503],
          ['status 404', 404],
          [reason, 0],
        ] as const
      )[Math.floor(random() * 3)]!
  const seriesId = recorder.series('request', 'shopper', nameOf(name))
  recorder.record(sampleOf(moment, { seriesId, factor: 1 + (name % 5) / 2, failure, status }))
  recorder.recordCheck(
    recorder.check('shopper', nameOf(name), 'has items'),
    random() < 0.01 ? 'empty list' : undefined,
  )
}

function sampleOf(
  { second, random, model, slowness = 1 }: Moment,
  one: { seriesId: number; factor: number; failure: string | undefined; status: number },
) {
  const slow = random() < 0.03 ? 6 : 1
  const wave = 1 + 0.4 * Math.sin(second / 20)
  const durationUs = 4000 * one.factor * slowness * slow * wave * Math.exp(random() - 0.5)
  const endedAtUs = (second + 0.2 + random() * 0.7) * 1e6
  const startedAtUs = endedAtUs - durationUs
  const delayUs = model === 'open' ? random() * 300 : 0
  return {
    ...{ seriesId: one.seriesId, status: one.status, failure: one.failure },
    ...{ startedAtUs, endedAtUs, intendedAtUs: startedAtUs - delayUs },
    ...{ bytesIn: 1200, bytesOut: 240, userId: Math.floor(random() * 50), iteration: second },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    timings: {
      dnsUs: 0,
      connectUs: durationUs * 0.1,
      tlsUs: durationUs * 0.15,
      firstByteUs: durationUs * 0.65,
      downloadUs: durationUs * 0.1,
      connectionReused: false,
    },
  }
}

function pageOf(options: MadeRunOptions, seconds: readonly RunSecond[]): RunPage {
  const { model = 'closed', state = 'finished', warmUpSeconds = 0 } = options
  const durationUs = options.seconds * 1e6
  return {
    item: itemOf(options, seconds),
    seed: 42,
    environment: {
      loadstoneVersion: '0.1.0',
      nodeVersion: '26.10.0',
      system: 'linux x64 6.1.0',
      host: 'build-7',
      cpuModel: 'Example CPU @ 3.0 GHz',
      cores: 8,
      memoryBytes: 16_000_000_000,
      git: { commit: '4f2a9c81d0', branch: 'main', dirty: true },
    },
    scenarios: [
      {
        scenario: 'shopper',
        model,
        target: 'http://127.0.0.1:8080',
        load: 'up to 50 users for 2m',
        profile: [
          { atUs: 0, value: 1 },
          { atUs: Math.min(50e6, durationUs), value: Math.min(50, options.seconds) },
          { atUs: durationUs, value: Math.min(50, options.seconds) },
        ],
      },
    ],
    marks: [
      { atUs: durationUs / 4, kind: 'stage', text: 'stage 2: to 50 users' },
      { atUs: durationUs / 2, kind: 'users', text: '+10 users by hand' },
    ],
    thresholds: ['p95 < 60ms', 'errors < 1%'].map((expression, place) => ({
      threshold: parseThreshold(expression, 'thresholds'),
      ok: place === 0,
      measured: place === 0 ? 31_000 : 0.021,
      brokenAtUs: undefined,
      note: undefined,
    })),
    validity: {
      valid: true,
      reasons: [],
      eventLoopUtilization: 0.4,
      workers: [],
      keptDropped: 0,
    },
    warnings: warmUpSeconds > 0 ? ['The warm-up is short for a run of this length.'] : [],
    scriptErrors: [],
    steerable: state === 'running',
  }
}

function itemOf(options: MadeRunOptions, seconds: readonly RunSecond[]): RunItem {
  const { state = 'finished', warmUpSeconds = 0 } = options
  const requests = seconds.flatMap(one => one.series.filter(({ kind }) => kind === 'request'))
  const latency = new Histogram()
  for (const series of requests) latency.mergeEncoded(series.latency)
  const failed = requests.filter(({ outcome }) => outcome === 'failed')
  const count = (list: typeof requests) => list.reduce((sum, one) => sum + one.count, 0)
  return {
    id: options.id ?? '20261121-0422-k3x9',
    script: options.script ?? 'tests/shopper.ts',
    state,
    ...(state === 'finished' ? { verdict: count(failed) > 0 ? 'threshold' : 'pass' } : {}),
    startedAtUnixMs: options.startedAtUnixMs ?? 1_795_235_000_000,
    durationUs: options.seconds * 1e6,
    warmUpUs: warmUpSeconds * 1e6,
    model: options.model ?? 'closed',
    workers: 1,
    tags: options.tags ?? { branch: 'main', service: 'shop' },
    requests: count(requests),
    failures: count(failed),
    drops: 0,
    latency: Buffer.from(latency.encode()).toString('base64'),
    storedBytes: 1_250_000,
  }
}
