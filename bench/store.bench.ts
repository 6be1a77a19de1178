/**
 * Budget: a 60-minute run with 50 names takes at most 100 MB, and what a browser asks for first
 * (the page's head, and the run merged over 60 s and over 10 s) is answered within a second by a
 * dashboard that was just started.
 *
 * Two workers, 50 names at 20 requests/s each, log-normal latencies around 3 to 150 ms, 1 % fail;
 * samples are kept with their headers as the worker keeps them. What storing costs is the time the
 * run's controller spends on a second: merging, encoding, compressing, writing to SQLite. A hold is
 * a time in which that thread did nothing else. Latencies count from an intended start, so nothing
 * is saved by their being equal to service times.
 */
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clockFromNow, seededRandom, type Random } from '../src/base/index.ts'
import { Histogram, Recorder, secondOf, type RunSecond } from '../src/metrics/index.ts'
import type { WindowData } from '../src/metrics/index.ts'
import { openDashboard } from '../src/server/index.ts'
import { openStore, type RunStore } from '../src/store/index.ts'
import { newRun, measured } from '../src/store/testing/runs.ts'
import { informs, median, withinBudget, type Bench, type BenchOptions } from './rig/bench.ts'
import { TemporaryFolder } from './rig/temporary-folder.ts'

const sizeMaxMb = 100
const openMaxMs = 1000
const holdMaxMs = 50
/** What is left of a second for merging spans, shorter than it really is. */
const betweenSecondsMs = 40
const perNameAndSecond = 20
const idle = { cpuRatio: 0.3, eventLoopUtilization: 0.4, memoryBytes: 9e7 }

const exchange = {
  capture: () => () => ({
    method: 'GET',
    url: 'http://shop.test.internal:8080/api/catalog/products/4711?page=3',
    requestHeaders: [
      ['host', 'shop.test.internal:8080'],
      ['user-agent', 'loadstone/0.1.0'],
      ['traceparent', '00-5b8aa5a2d2c872e8321cf37308d69df2-051581bf3cb55c13-01'],
      ['authorization', '***'],
    ] as const,
    responseHeaders: [
      ['content-type', 'application/json; charset=utf-8'],
      ['date', 'Sat, 03 Jan 2026 10:00:00 GMT'],
      ['x-request-id', '0b7c53f2-61ab-4f3e-9f02-3a1b4ad5e8c1'],
      ['server', 'envoy'],
    ] as const,
  }),
}

/** A worker that measured: it makes its windows, one a second. */
class PretendedWorker {
  readonly #random: Random
  readonly #windows: WindowData[] = []
  readonly #recorder: Recorder
  readonly #series: readonly { readonly id: number; readonly meanUs: number }[]

  constructor(worker: number, names: number) {
    this.#random = seededRandom(1, `worker ${worker}`)
    const delays = Histogram.of([100, 120, 900]).encode()
    this.#recorder = new Recorder({
      worker,
      generator: () => ({ ...idle, eventLoopDelay: delays }),
      onWindow: window => this.#windows.push(window),
    })
    this.#series = Array.from({ length: names }, (_, number) => ({
      id: this.#recorder.series('request', 'shop', `GET /api/service-${number}/items/:id`),
      meanUs: 3000 + (number * 150_000) / names,
    }))
  }

  window(index: number): WindowData {
    for (const { id, meanUs } of this.#series) {
      for (let one = 0; one < perNameAndSecond / 2; one += 1) this.#record(index, id, meanUs)
    }
    this.#recorder.closeUpTo((index + 1) * 1e6)
    return this.#windows.splice(0)[0]!
  }

  #record(index: number, seriesId: number, meanUs: number): void {
    const sum = Array.from({ length: 6 }, () => this.#random.float()).reduce((a, b) => a + b)
    const latencyUs = meanUs * Math.exp((sum - 3) * 0.8)
    const endedAtUs = index * 1e6 + 999_999
    const fails = this.#random.chance(0.01)
    this.#recorder.record({
      ...{ seriesId, endedAtUs, startedAtUs: endedAtUs - latencyUs, exchange },
      intendedAtUs: endedAtUs - latencyUs - this.#random.float() * 300,
      status: fails ? 503 : 200,
      ...{ failure: fails ? 'status 503' : undefined, bytesIn: 900, bytesOut: 300 },
      ...{ userId: index % 50, iteration: index, traceId: this.#random.uuid().replace(/-/g, '') },
      timings: {
        ...{ dnsUs: 0, connectUs: 0, tlsUs: 0, firstByteUs: latencyUs - 100, downloadUs: 100 },
        connectionReused: true,
      },
    })
  }
}

interface Stored {
  /** From the windows of a second to its being written. */
  readonly msPerSecond: readonly number[]
  readonly watch: HoldWatch
}

/**
 * Looks how long each turn of this thread's event loop takes: its own CPU time, which another
 * program's turn does not lengthen, and by the clock.
 */
class HoldWatch {
  longestCpuMs = 0
  longestMs = 0
  #last = momentNow()
  #isOn = true

  constructor() {
    this.#turn()
  }

  /** The time since the last turn was somebody else's. */
  forgive(): void {
    this.#last = momentNow()
  }

  stop(): void {
    this.#isOn = false
  }

  #turn(): void {
    const now = momentNow()
    this.longestCpuMs = Math.max(this.longestCpuMs, now.cpuMs - this.#last.cpuMs)
    this.longestMs = Math.max(this.longestMs, now.ms - this.#last.ms)
    this.#last = now
    if (this.#isOn) setImmediate(() => this.#turn())
  }
}

function momentNow() {
  const { user, system } = process.threadCpuUsage()
  return { ms: performance.now(), cpuMs: (user + system) / 1000 }
}

async function store(store: RunStore, names: number, seconds: number): Promise<Stored> {
  const run = newRun(`${names}-names`, {}, { workers: 2 })
  const writer = await store.begin(run, message => {
    throw new Error(message)
  })
  const workers = [0, 1].map(worker => new PretendedWorker(worker, names))
  const msPerSecond: number[] = []
  const watch = new HoldWatch()
  for (let index = 0; index < seconds; index += 1) {
    const windows = workers.map(worker => worker.window(index))
    watch.forgive()
    const before = performance.now()
    const second: RunSecond = secondOf(windows)
    writer.append(second)
    // Written before the next statement gets its turn.
    await store.seconds('nobody')
    msPerSecond.push(performance.now() - before)
    await sleep(seconds > 1000 && index % 10 < 9 ? 0 : betweenSecondsMs)
  }
  await writer.end(measured(run, [], seconds * 1e6).summary, 'pass')
  watch.stop()
  return { msPerSecond, watch }
}

async function run({ tiny, say }: BenchOptions) {
  using folder = new TemporaryFolder()
  const path = join(folder.path, 'runs.db')
  const first = await openStore(path)
  const seconds = tiny ? 30 : 3600
  say(`writing ${seconds} s of 50 names`)
  const few = await store(first, 50, seconds)
  await first.close()
  const megabytes = statSync(path).size / 1e6
  const opened = await openings(path)
  const again = await openStore(join(folder.path, 'many.db'))
  say('writing 500 names')
  const many = await store(again, 500, tiny ? 12 : 130)
  await again.close()
  return {
    kind: 'measured' as const,
    rows: [
      withinBudget(
        { name: `${seconds / 60} min, 50 names`, unit: 'MB', measured: megabytes },
        { atMost: sizeMaxMb },
      ),
      ...openRows(opened),
      ...costRows('50 names', few),
      ...costRows('500 names', many),
    ],
    notes: ['a second that ends a minute is also merged into one: beside the run, in small pieces'],
  }
}

interface Opened {
  /** The first answer: all of the page that is not in seconds. */
  readonly headMs: number
  /** Until the last byte of head, minutes and tens. */
  readonly allMs: number
}

/** Each from a store and a dashboard that are opened anew; the file is in the system's cache. */
async function openings(path: string): Promise<Opened[]> {
  const taken: Opened[] = []
  for (let time = 0; time < 5; time += 1) {
    const before = performance.now()
    const store = await openStore(path)
    const dashboard = await openDashboard({
      ...{ store, clock: clockFromNow(), loadstoneVersion: '0.1.0' },
      ...{ pageFolder: dirname(path), port: 0 },
    })
    await answered(`${dashboard.url}api/runs/last`)
    const headMs = performance.now() - before
    await answered(`${dashboard.url}api/runs/last/seconds?span=60`)
    await answered(`${dashboard.url}api/runs/last/seconds?span=10`)
    taken.push({ headMs, allMs: performance.now() - before })
    await dashboard.close()
    await store.close()
  }
  return taken
}

async function answered(url: string): Promise<void> {
  // As a browser asks a server on its own machine.
  const answer = await fetch(url, { headers: { 'accept-encoding': 'gzip, deflate, br' } })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
}

function openRows(opened: readonly Opened[]) {
  const figure = (what: string, times: readonly number[]) => ({
    ...{ name: `opened: ${what}`, unit: 'ms', measured: median(times) },
  })
  const headMs = opened.map(one => one.headMs)
  const allMs = opened.map(one => one.allMs)
  return [
    informs(figure('head', headMs)),
    withinBudget(figure('head, minutes, tens', allMs), { atMost: openMaxMs }),
  ]
}

function costRows(name: string, { msPerSecond, watch }: Stored) {
  const figure = (what: string, measured: number) => ({
    ...{ name: `storing a second, ${name}, ${what}`, unit: 'ms', measured },
  })
  return [
    informs(figure('median', median(msPerSecond))),
    informs(figure('slowest', Math.max(...msPerSecond))),
    withinBudget(figure('longest hold, CPU', watch.longestCpuMs), { atMost: holdMaxMs }),
    informs(figure('longest hold, clock', watch.longestMs)),
  ]
}

/** See the head of this file. */
export const storing: Bench = {
  name: 'store',
  budget:
    `60 minutes with 50 names: at most ${sizeMaxMb} MB, opened within ${openMaxMs} ms; ` +
    `the controller's thread is held at most ${holdMaxMs} ms`,
  run,
}
