/**
 * Budget: `user.http.get` with everything on (named check, trace header, histograms, sample) makes
 * at least 0.70 of wrk's requests per client CPU-second; the aim is 0.90. The session alone: no
 * engine, no command line. Setting and rules as in hot-path.bench.ts.
 *
 *   node bench/http-session.ts [measurements to keep, default 5] [bare: the client without session]
 *   node --cpu-prof bench/http-session.ts --client <url> <seconds>
 */
import { clockFromNow, logTo } from '../src/base/index.ts'
import { createTracing, openSession } from '../src/engine/http/index.ts'
import { Recorder, type WindowData } from '../src/metrics/index.ts'
import type { ScenarioPlan } from '../src/plan/index.ts'
import { createHttp1Client, parseUrl, type ExchangeClient } from '../src/protocols/index.ts'
import { wrkLaunch } from './clients/wrk.ts'
import { duel, duelPace, middle, nearnessText, type DuelSetting } from './rig/duel.ts'
import { loadAverageText, pickCores } from './rig/machine.ts'
import { missingPrograms } from './rig/process.ts'
import { clientSeconds, type Steady } from './rig/steady.ts'
import { Nginx } from './targets/nginx.ts'

const users = 64
const noTls = {
  ...{ ca: undefined, cert: undefined, key: undefined, serverName: undefined, insecure: false },
}

const clock = clockFromNow()
const openClient = (): ExchangeClient =>
  createHttp1Client({
    ...{ clock, tls: noTls, proxy: undefined, keepAlive: true, maxConnectionsPerOrigin: 6 },
  })

/** Requests of a closed loop of 64 users through sessions, one after another without a pause. */
export async function sessionLoop(origin: string, seconds: number): Promise<number> {
  let recorded = 0
  const onWindow = ({ series }: WindowData) => {
    for (const { count, outcome } of series) if (outcome === 'ok') recorded += count
  }
  const idle = { cpuRatio: 0, eventLoopUtilization: 0, memoryBytes: 0 }
  const generator = () => ({ ...idle, eventLoopDelay: new Uint8Array(0) })
  const recorder = new Recorder({ worker: 0, onWindow, generator })
  const tracing = createTracing({ runId: 'bench', sampledRatio: 1 })
  const scenario = scenarioFor(origin)
  const log = logTo(() => {}, 'error')
  const untilUs = clock.nowUs() + seconds * 1e6
  const loops = Array.from({ length: users }, async (_, id) => {
    const user = { id, iteration: 0, pendingStartDelayUs: 0, closed: false }
    const client = openClient()
    const shared = { scenario, client, clock, recorder, tracing, log, scriptFolder: '/' }
    const http = openSession({ ...shared, user })
    for (; clock.nowUs() < untilUs; user.iteration++) {
      await http.get('/', { check: { 'is 200': response => response.status === 200 } })
    }
    http.close()
  })
  await Promise.all(loops)
  recorder.finish(clock.nowUs())
  return recorded
}

/** The same through the client alone: what the session adds is the difference. */
export async function bareLoop(url: string, seconds: number): Promise<number> {
  const { origin } = parseUrl(url)
  const head = `GET / HTTP/1.1\r\nhost: ${origin.host}:${origin.port}\r\n\r\n`
  const untilUs = clock.nowUs() + seconds * 1e6
  let requests = 0
  const request = {
    ...{ origin, method: 'GET', head, body: undefined, chunked: false },
    ...{ timeoutUs: 30e6, maxBodyBytes: 1e6 },
  }
  const loops = Array.from({ length: users }, () => {
    const client = openClient()
    return new Promise<void>(resolve => {
      const again = () => {
        requests += 1
        if (clock.nowUs() < untilUs) return client.exchange(request, again)
        client.close()
        resolve()
      }
      again()
    })
  })
  await Promise.all(loops)
  return requests
}

function scenarioFor(origin: string): ScenarioPlan {
  return {
    ...{ name: 'bench', target: { origin, basePath: '', socketPath: undefined } },
    ...{ load: undefined as never, thinkTime: { kind: 'none' }, tasks: [], data: [], headers: {} },
    ...{ timeoutUs: 30e6, connections: 'perUser', tls: noTls, maxBodyBytes: 64e6 },
    proxy: undefined,
  }
}

async function compare(wanted: number, mode: string): Promise<void> {
  const missing = missingPrograms('nginx', 'wrk', 'taskset')
  if (missing !== undefined) throw new Error(missing)
  const cores = pickCores({ server: 1, client: 1 })
  await using nginx = await Nginx.start({ workers: 1, cores: cores.server })
  const setting: DuelSetting = { nginx, cores, ...duelPace(false), wanted }
  const seconds = clientSeconds(setting.timing)
  const args = [...process.execArgv, import.meta.filename, mode, nginx.url, String(seconds)]
  const ours = { command: process.execPath, args, cores: cores.client }
  const theirs = wrkLaunch({ url: nginx.url, connections: users, seconds, cores: cores.client })
  console.log(`load average before: ${loadAverageText()}`)
  const { standings, discarded } = await duel({ ours, theirs }, setting)
  const perCpu = (one: Steady) => one.requestsPerCpuSecond
  const list = (all: readonly Steady[]) => all.map(one => Math.round(perCpu(one) / 1000)).join(' ')
  for (const { nearness, ours, theirs } of standings) {
    const ratio = middle(ours, perCpu) / middle(theirs, perCpu)
    console.log(
      `${nearnessText(nearness)}: ratio ${ratio.toFixed(3)}; thousand requests per CPU-second ` +
        `us ${list(ours)}; wrk ${list(theirs)}; client core busy ` +
        `${middle(ours, one => one.clientCpuRatio).toFixed(2)} and ` +
        `${middle(theirs, one => one.clientCpuRatio).toFixed(2)}`,
    )
  }
  console.log(`${discarded} windows discarded: the host moved a core`)
}

if (import.meta.main) {
  const [first = '5', second = '', third = '3'] = process.argv.slice(2)
  if (first === '--client') console.log(await sessionLoop(second, Number(third)))
  else if (first === '--bare') console.log(await bareLoop(second, Number(third)))
  else await compare(Number(first), second === 'bare' ? '--bare' : '--client')
}
