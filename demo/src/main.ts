/**
 * Starts the shop and keeps it until it is told to stop: `npm run shop`, or forked by a program.
 *
 * As a program: `fork('demo/src/main.ts')` with Node's default serialization, then wait for one
 * message: ShopReady (ready: true, url, storageUrl, services, database) or ShopFailed (ready:
 * false, error), after which the process ends with code 1. Gateway and control port take free ports
 * unless told otherwise. To stop: disconnect, SIGTERM or SIGINT; the process ends with code 0
 * once nothing is left. A shop whose parent dies in any way ends too. One line,
 * `shop ready at <url> in <seconds> s`, goes to stdout; only errors go to stderr.
 *
 * Options: see `--help`; each is also an environment variable SHOP_<FLAG>.
 */
import type { ShopFailed, ShopReady } from './protocol.ts'
import { help, OptionError, readOptions, type ShopOptions } from './shop/options.ts'
import { onParentGone } from './shop/parent.ts'
import { Shop } from './shop/shop.ts'

process.title = 'shop'
// Whoever read our output may be gone before us; ending the shop matters more than the line.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

const forked = process.send !== undefined
const options = optionsOrExit()
const shop = new Shop(options, message => end(1, `the shop stops: ${message}`))
let ending = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
if (forked) process.on('disconnect', () => end(0))
else onParentGone(() => end(0))

try {
  const ready = await shop.start()
  console.log(`shop ready at ${ready.url} in ${(performance.now() / 1000).toFixed(1)} s`)
  if (!forked) console.log(`faults and more at ${ready.controlUrl}`)
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

function optionsOrExit(): ShopOptions {
  try {
    const args = process.argv.slice(2)
    const read = readOptions({ args, environment: process.env, forked })
    if (read !== 'help') return read
    console.log(help)
    return process.exit(0)
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    console.error(`${error.message}\n\nnpm run shop -- --help explains all options.`)
    return process.exit(2)
  }
}
