import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Process } from '../rig/process.ts'
import { cpuSecondsOfChildren } from '../rig/process-tree.ts'
import { TemporaryFolder } from '../rig/temporary-folder.ts'

export interface NginxOptions {
  readonly workers: number
  /** One core per worker, in order; a shorter list is used round and round. */
  readonly cores: readonly number[]
  /** Open connections per worker at most. */
  readonly connections?: number
}

const answer = 'loadstone '.repeat(20)

/** The highest core first, as nginx wants its masks: core 2 is 100. */
const mask = (core: number) => (1n << BigInt(core)).toString(2)

function configText(options: NginxOptions, port: number, folder: string): string {
  const masks = Array.from({ length: options.workers }, (_, index) =>
    mask(options.cores[index % options.cores.length] ?? 0),
  )
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const connections = options.connections ?? 4096
  return `
daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn;
worker_processes ${options.workers}; worker_cpu_affinity ${masks.join(' ')};
worker_rlimit_nofile ${connections + 100};
events { worker_connections ${connections}; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; default_type text/plain;
  ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096${options.workers > 1 ? ' reuseport' : ''};
    location / { return 200 '${answer}'; }
    location = /status { stub_status; }
  }
}
`
}

/** A loopback port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

function textAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}

/** nginx with its own configuration in a temporary folder, answering 200 bytes to every path. */
export class Nginx implements AsyncDisposable {
  readonly url: string
  readonly workers: number
  readonly #process: Process
  readonly #folder: TemporaryFolder
  #ownRequests = 0

  private constructor(options: NginxOptions, port: number, folder: TemporaryFolder) {
    this.url = `http://127.0.0.1:${port}`
    this.workers = options.workers
    this.#folder = folder
    this.#process = new Process({
      command: 'nginx',
      args: ['-c', folder.file('nginx.conf'), '-p', folder.path, '-e', folder.file('error.log')],
    })
  }

  /** Resolves when it answers. Tries another port when somebody else was faster. */
  static async start(options: NginxOptions): Promise<Nginx> {
    const folder = new TemporaryFolder()
    for (let attempt = 1; attempt <= 3; attempt++) {
      const port = await freePort()
      await writeFile(folder.file('nginx.conf'), configText(options, port, folder.path))
      const nginx = new Nginx(options, port, folder)
      if (await nginx.#answers()) return nginx
    }
    throw new Error(`nginx does not start:\n${readFileSync(folder.file('error.log'), 'utf8')}`)
  }

  async #answers(): Promise<boolean> {
    while (this.#process.running) {
      const up = await this.requests().then(
        () => true,
        () => false,
      )
      if (up) return true
      await sleep(20)
    }
    return false
  }

  /** Requests answered so far, those of this method left out. */
  async requests(): Promise<number> {
    const text = await textAt(`${this.url}/status`)
    this.#ownRequests++
    const [, counted = 'NaN'] = /^\s*\d+\s+\d+\s+(\d+)\s*$/m.exec(text) ?? []
    return Number(counted) - this.#ownRequests
  }

  /** Open connections now, the one that asks left out. */
  async connections(): Promise<number> {
    const text = await textAt(`${this.url}/status`)
    this.#ownRequests++
    return Number(/Active connections: (\d+)/.exec(text)?.[1] ?? NaN) - 1
  }

  /** CPU time of each worker so far, s. */
  cpuSecondsPerWorker(): number[] {
    return cpuSecondsOfChildren(this.#process.pid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop()
    this.#folder[Symbol.dispose]()
  }
}
