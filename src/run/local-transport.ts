import { Worker } from 'node:worker_threads'
import { messageOf, siblingModule, type LogLevel } from '../base/index.ts'
import type { FromWorker } from './messages.ts'
import type { Transport, WorkerLink } from './transport.ts'

/** Workers as threads of this process. */
export function localTransport(): Transport {
  return {
    connect: async workers => {
      const starts = Array.from({ length: workers }, (_, index) => startThread(index))
      const started = await Promise.allSettled(starts)
      const links = started.flatMap(start => (start.status === 'fulfilled' ? [start.value] : []))
      const failed = started.find(start => start.status === 'rejected')
      if (failed === undefined) return links
      await Promise.all(links.map(link => link.close()))
      throw failed.reason
    },
  }
}

async function startThread(index: number): Promise<WorkerLink> {
  const thread = new Worker(siblingModule(import.meta.url, 'worker-thread'), {
    name: `loadstone worker ${index}`,
    stdout: true,
    stderr: true,
  })
  const link = new ThreadLink(index, thread)
  await new Promise<void>((resolve, reject) => {
    thread.once('online', resolve)
    thread.once('error', reject)
  })
  return link
}

/** A line to one thread. Each message is cloned on its way, so both sides own theirs. */
class ThreadLink implements WorkerLink {
  readonly worker: number
  readonly #thread: Worker
  readonly #exited: Promise<void>
  #receive: (message: FromWorker) => void = () => {}
  #report: (reason: string) => void = () => {}
  #error: string | undefined
  #lost: string | undefined
  #closing = false

  constructor(worker: number, thread: Worker) {
    this.worker = worker
    this.#thread = thread
    this.#exited = new Promise(resolve => thread.once('exit', () => resolve()))
    thread.on('message', (message: FromWorker) => this.#receive(message))
    thread.on('error', thrown => (this.#error = messageOf(thrown)))
    thread.on('messageerror', thrown => (this.#error = messageOf(thrown)))
    thread.on('exit', exitCode => this.#gone(exitCode))
    this.#logLines(thread.stdout, 'info')
    this.#logLines(thread.stderr, 'warn')
  }

  send(message: Parameters<WorkerLink['send']>[0]): void {
    this.#thread.postMessage(message)
  }

  onMessage(receive: (message: FromWorker) => void): void {
    this.#receive = receive
  }

  onLost(report: (reason: string) => void): void {
    this.#report = report
    if (this.#lost !== undefined) report(this.#lost)
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#thread.terminate()
    await this.#exited
  }

  #gone(exitCode: number): void {
    if (this.#closing) return
    this.#lost =
      this.#error ?? `its thread ended with code ${exitCode}; does the script end its process?`
    this.#report(this.#lost)
  }

  /**
   * What gets around the script's console (a library that writes to stdout) becomes log lines too.
   */
  #logLines(stream: NodeJS.ReadableStream, level: LogLevel): void {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      const message = text.trimEnd()
      if (message !== '') this.#receive({ kind: 'log', worker: this.worker, level, message })
    })
  }
}
