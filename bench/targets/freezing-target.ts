import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FreezeSchedule } from './freeze-schedule.ts'
import { Process } from '../rig/process.ts'

/** The server of freezing-server.ts as a process on its own core. */
export class FreezingTarget implements AsyncDisposable {
  readonly url: string
  readonly #process: Process

  private constructor(process: Process, port: string) {
    this.#process = process
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(schedule: FreezeSchedule, cores: readonly number[]): Promise<FreezingTarget> {
    const server = new Process({
      command: process.execPath,
      args: [
        join(import.meta.dirname, 'freezing-server.ts'),
        ...[schedule.answerMs, schedule.freezeMs, schedule.periodMs].map(String),
      ],
      cores,
    })
    while (!server.stdout.includes('\n')) {
      if (!server.running) throw new Error(`the target does not start:\n${server.stderr}`)
      await sleep(10)
    }
    return new FreezingTarget(server, server.stdout.trim())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop()
  }
}
