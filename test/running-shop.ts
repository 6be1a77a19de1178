import { fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

export interface RunningShop {
  readonly url: string
  stop(): Promise<void>
}

/** Starts the demo shop on a free port; it ends with this process at the latest. */
export async function startShop(): Promise<RunningShop> {
  const entry = resolve(import.meta.dirname, '../demo/src/main.ts')
  const child = fork(entry, [], { env: { ...process.env, SHOP_PORT: '0' }, silent: true })
  const output: string[] = []
  child.stdout?.on('data', chunk => output.push(String(chunk)))
  child.stderr?.on('data', chunk => output.push(String(chunk)))
  const url = await new Promise<string>((ready, failed) => {
    child.on('message', message => {
      const { ready: isReady, url: shopUrl } = message as { ready?: boolean; url?: string }
      if (isReady === true && shopUrl !== undefined) ready(shopUrl)
    })
    child.on('exit', code => failed(new Error(`the shop ended (${code}):\n${output.join('')}`)))
  })
  return {
    url,
    stop: async () => {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill('SIGTERM')
      await ended
    },
  }
}
