import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { folder } from './program.ts'

/** A label set and its value. */
export interface Point {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A real Prometheus that takes remote write; it ends with the test. */
export interface Prometheus {
  readonly url: string
  /** An instant query at a moment of wall time, s. */
  query(expression: string, atUnixSeconds: number): Promise<Point[]>
}

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value: readonly [number, string]
    }[]
  }
}

/** Starts Debian's Prometheus on a free port, with its data in a folder that goes with the test. */
export async function startPrometheus(options: { nativeHistograms: boolean }): Promise<Prometheus> {
  const { path, write } = folder()
  const config = write('prometheus.yml', 'global: { scrape_interval: 1m }\n')
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(path, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-remote-write-receiver',
    ...(options.nativeHistograms ? ['--enable-feature=native-histograms'] : []),
  ])
  const ended = new Promise(resolve => child.on('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let said = ''
  await new Promise<void>((ready, failed) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Server is ready')) ready()
    })
    child.on('error', failed)
    void ended.then(() => failed(new Error(`prometheus ended:\n${said}`)))
  })
  const url = `http://${address}`
  const query = async (expression: string, atUnixSeconds: number) => {
    const asked = new URLSearchParams({ query: expression, time: String(atUnixSeconds) })
    const answer = (await (await fetch(`${url}/api/v1/query?${asked.toString()}`)).json()) as Answer
    return answer.data.result.map(({ metric, value }) => {
      return { labels: metric, value: Number(value[1]) }
    })
  }
  return { url, query }
}

/** Prometheus does not say which port it took, so it is given one that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise(closed => server.close(closed))
  return port
}
