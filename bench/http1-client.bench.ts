/**
 * The HTTP/1.1 client alone against wrk: requests per CPU-second of the client, 64 connections,
 * nginx with one worker that answers 200 bytes, everyone pinned to a core of their own.
 *
 * Budget: at least 0.95 of wrk in the same interleaved set.
 * Run: node bench/http1-client.bench.ts [seconds per run] [sets]. Needs nginx, wrk and taskset.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clockFromNow } from '../src/base/index.ts'
import { createHttp1Client, parseUrl, type Answer } from '../src/protocols/index.ts'

const connections = 64

interface Measured {
  readonly requests: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Closed loop of 64 exchanges for `seconds`; every answer's status is looked at. */
async function runClient(url: string, seconds: number): Promise<Measured> {
  const clock = clockFromNow()
  const { origin, path } = parseUrl(url)
  const tls = {
    ca: undefined,
    cert: undefined,
    key: undefined,
    serverName: undefined,
    insecure: false,
  }
  const clients = Array.from({ length: connections }, () =>
    createHttp1Client({
      ...{ clock, tls, proxy: undefined, keepAlive: true, maxConnectionsPerOrigin: 6 },
    }),
  )
  const head = `GET ${path} HTTP/1.1\r\nhost: ${origin.host}:${origin.port}\r\n\r\n`
  const request = {
    ...{ origin, method: 'GET', head, body: undefined, chunked: false },
    ...{ timeoutUs: 30_000_000, maxBodyBytes: 1_000_000 },
  }
  let requests = 0
  let untilUs = Infinity
  const loops = clients.map(
    client =>
      new Promise<void>((resolve, reject) => {
        const done = (answer: Answer) => {
          if (answer.status !== 200) return reject(new Error(answer.failure ?? 'not 200'))
          requests++
          if (answer.endedAtUs < untilUs) client.exchange(request, done)
          else resolve()
        }
        client.exchange(request, done)
      }),
  )
  await new Promise<void>(resolve => clock.after(300_000, resolve))
  requests = 0
  const cpuBefore = process.cpuUsage()
  const startUs = clock.nowUs()
  untilUs = startUs + seconds * 1e6
  await Promise.all(loops)
  const cpu = process.cpuUsage(cpuBefore)
  for (const client of clients) client.close()
  return {
    requests,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    wallSeconds: (clock.nowUs() - startUs) / 1e6,
  }
}

function clientInChild(url: string, seconds: number): Measured {
  const self = fileURLToPath(import.meta.url)
  const child = spawnSync(
    'taskset',
    ['-c', '1', process.execPath, self, '--client', url, String(seconds)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return JSON.parse(child.stdout) as Measured
}

function wrk(url: string, seconds: number): Measured {
  const before = childrenCpuSeconds()
  const child = spawnSync(
    'taskset',
    ['-c', '1', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, url],
    { encoding: 'utf8' },
  )
  const cpuSeconds = childrenCpuSeconds() - before
  const found = /(\d+) requests in ([\d.]+)s/.exec(child.stdout)
  return { requests: Number(found?.[1]), cpuSeconds, wallSeconds: Number(found?.[2]) }
}

/** User and system time of the children that have ended, from /proc (100 ticks a second). */
function childrenCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[13]) + Number(fields[14])) / 100
}

async function startNginx(folder: string): Promise<{ process: ChildProcess; url: string }> {
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${port}; location / { return 200 "${'x'.repeat(200)}"; } } }`,
  )
  const nginx = spawn('taskset', ['-c', '0', '/usr/sbin/nginx', '-p', folder, '-c', config])
  const url = `http://127.0.0.1:${port}/`
  for (;;) {
    const answers = await fetch(url).then(
      response => response.ok,
      () => false,
    )
    if (answers) return { process: nginx, url }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function compare(seconds: number, sets: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-bench-'))
  const nginx = await startNginx(folder)
  const ratios: number[] = []
  try {
    for (let set = 0; set < sets; set++) {
      const runs = { wrk: wrk(nginx.url, seconds), own: clientInChild(nginx.url, seconds) }
      const perCpu = (run: Measured) => run.requests / run.cpuSeconds
      ratios.push(perCpu(runs.own) / perCpu(runs.wrk))
      for (const [name, run] of Object.entries(runs)) {
        const wall = (run.requests / run.wallSeconds).toFixed(0)
        console.log(`${name}: ${perCpu(run).toFixed(0)} requests/CPU-s, ${wall} requests/s`)
      }
      console.log(`ratio ${ratios.at(-1)?.toFixed(3)}   load average ${loadavg()[0]?.toFixed(1)}`)
    }
  } finally {
    nginx.process.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const middle = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]
  console.log(`median ratio to wrk: ${middle?.toFixed(3)} (budget 0.95)`)
}

const [mode, url, clientSeconds] = process.argv.slice(2)
if (mode === '--client') {
  console.log(JSON.stringify(await runClient(url ?? '', Number(clientSeconds))))
} else {
  await compare(Number(mode ?? 3), Number(url ?? 3))
}
