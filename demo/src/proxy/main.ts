/**
 * The process of one proxy, forked by the shop with a channel: it takes its identity, listens,
 * takes its config, and proxies until it is told to end (SIGTERM) or the shop is gone.
 */
import type { FromProxy, ProxyConfig, ProxyIdentity, ToProxy } from './contract.ts'
import { Proxy } from './proxy.ts'

if (!process.connected) {
  console.error('a proxy is started by the shop: npm run shop -- --mesh')
  process.exit(2)
}
process.title = 'shop:proxy'
// Ctrl-C reaches the whole terminal group: the shop decides when a proxy ends.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

let proxy: Proxy | undefined
let stopping: Promise<void> | undefined
const stop = () => {
  stopping ??= (proxy?.stop() ?? Promise.resolve()).finally(() => process.exit())
}
process.on('SIGTERM', stop)
process.on('disconnect', stop)
process.on('message', message => {
  const told = message as ToProxy
  if (told.kind === 'identity') void begin(told)
  else configure(told)
})

async function begin(identity: ProxyIdentity): Promise<void> {
  process.title = `shop:${identity.service}-proxy`
  try {
    proxy = new Proxy(identity)
    tell({ kind: 'listening', ...(await proxy.listen()) })
  } catch (error) {
    tell({ kind: 'failed', code: codeOf(error), message: (error as Error).message })
    process.exitCode = 1
    process.disconnect?.()
  }
}

let isReady = false
function configure({ id, ...config }: ProxyConfig & { readonly id?: number }): void {
  let error: string | undefined
  try {
    if (!proxy) throw new Error('a proxy needs its identity first')
    proxy.configure(config)
    if (!isReady) tell({ kind: 'ready' })
    isReady = true
  } catch (cause) {
    error = (cause as Error).message
    // Nobody waits for an answer to a config without an id, but someone must hear of it.
    if (id === undefined) tell({ kind: 'failed', code: 'config', message: error })
  }
  if (id !== undefined) tell({ kind: 'changed', id, ...(error === undefined ? {} : { error }) })
}

function tell(message: FromProxy): void {
  if (process.connected) process.send?.(message)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
