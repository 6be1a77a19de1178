/**
 * Starts the shop and keeps it until it is told to stop: `npm run shop`, or forked by a program.
 *
 * As a program: `fork('demo/src/main.ts')` with Node's default serialization, then wait for one
 * message: ShopReady (ready: true, url, storageUrl, services, database) or ShopFailed (ready:
 * false, error), after which the process ends with code 1. The gateway takes a free port unless
 * SHOP_PORT says otherwise. To stop: disconnect, SIGTERM or SIGINT; the process ends with code 0
 * once nothing is left. A shop whose parent dies in any way ends too. One line,
 * `shop ready at <url> in <seconds> s`, goes to stdout; only errors go to stderr.
 *
 * Environment: SHOP_PORT (8080 from the command line), SHOP_DATABASE_URL (a PostgreSQL of your
 * own; tables are made in schemas called shop_*).
 */
import { parseArgs } from 'node:util'
import { onParentGone } from './shop/parent.ts'
import type { ShopFailed, ShopReady } from './protocol.ts'
import { Shop } from './shop/shop.ts'

const help = `The Loadstone demo shop: ten services and a PostgreSQL, each a process of its own.

  npm run shop                     on port 8080
  SHOP_PORT=9000 npm run shop      on another port; 0 takes a free one
  SHOP_DATABASE_URL=postgres://user:password@host/database npm run shop
                                   in a database of your own (schemas shop_*)

Ctrl-C stops it. Nothing is left behind, except in a database of your own.`

process.title = 'shop'
// Whoever read our output may be gone before us; ending the shop matters more than the line.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

if (wantsHelp()) {
  console.log(help)
  process.exit(0)
}

const forked = process.send !== undefined
const shop = new Shop({
  gatewayPort: portFrom(process.env['SHOP_PORT'], forked ? 0 : 8080),
  databaseUrl: process.env['SHOP_DATABASE_URL'] || undefined,
  onCrash: message => end(1, `the shop stops: ${message}`),
})
let ending = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
if (forked) process.on('disconnect', () => end(0))
else onParentGone(() => end(0))

try {
  const ready = await shop.start()
  console.log(`shop ready at ${ready.url} in ${(performance.now() / 1000).toFixed(1)} s`)
  tell(ready)
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  tell({ ready: false, error: reason })
  end(1, `the shop did not start: ${reason}`)
}

/** Stops everything, once; a start that is still going on fails by it and says nothing more. */
function end(code: number, reason?: string): void {
  if (ending) return
  ending = true
  if (reason !== undefined) console.error(reason)
  void shop.stop().then(() => process.exit(code))
}

function tell(message: ShopReady | ShopFailed): void {
  if (process.connected && !ending) process.send?.(message)
}

function wantsHelp(): boolean {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
    return values.help ?? false
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`)
    process.exit(2)
  }
}

function portFrom(text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  console.error(`SHOP_PORT is "${text}"; it must be a port number from 0 to 65535`)
  process.exit(2)
}
