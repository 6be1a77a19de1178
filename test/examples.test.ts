import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ShopReady } from '../demo/src/protocol.ts'
import { folder, loadstone } from './program.ts'
import { forkShop, leavesNothing, readyFrom } from './shop-process.ts'

const root = resolve(import.meta.dirname, '..')
const scripts = readdirSync(join(root, 'examples')).filter(name => name.endsWith('.ts'))

/** A short load that suits the script's own kind; several scenarios keep theirs. */
function loadFlags(script: string): string[] {
  const text = readFileSync(join(root, 'examples', script), 'utf8')
  if (/^import .*'\.\//m.test(text)) return ['-d', '3s']
  return text.includes('rate:') ? ['--rate', '5/s', '-d', '3s'] : ['-u', '3', '-d', '3s']
}

interface Summary {
  readonly totals: { readonly requests: number; readonly failures: number }
  readonly requests: readonly { readonly name: string; readonly errors: readonly unknown[] }[]
}

let child: ReturnType<typeof forkShop>
let shop: ShopReady

beforeAll(async () => {
  child = forkShop()
  shop = await readyFrom(child)
})

afterAll(async () => {
  child.kill('SIGTERM')
  await leavesNothing(shop)
})

test('there are examples', () => {
  expect(scripts.length).toBeGreaterThanOrEqual(6)
})

test.for(scripts)('examples/%s loads the shop without a failure', async script => {
  const json = join(folder().path, 'summary.json')
  const load = ['-H', shop.url, ...loadFlags(script), '--warm-up', '0s']
  const ended = await loadstone(['run', `examples/${script}`, ...load, '--json', json], {
    cwd: root,
  })
  const summary = JSON.parse(readFileSync(json, 'utf8')) as Summary
  expect(summary.requests.flatMap(request => request.errors)).toEqual([])
  expect(summary.totals.failures).toBe(0)
  expect(summary.totals.requests).toBeGreaterThan(3)
  // 97: on a machine that is busy with other things the generator may be late. The script is right.
  expect([0, 97], ended.output).toContain(ended.code)
})

test.for(scripts)('examples/%s has nothing that check finds fault with', async script => {
  const ended = await loadstone(['check', `examples/${script}`], { cwd: root })
  expect(ended.output).toMatch(/✓ types[^]*✓ lint/)
  expect(ended.code).toBe(0)
})
