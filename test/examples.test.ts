import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ShopReady } from '../demo/src/protocol.ts'
import { folder, loadstone } from './program.ts'
import { forkShop, leavesNothing, readyFrom } from './shop-process.ts'

const root = resolve(import.meta.dirname, '..')
const scripts = readdirSync(join(root, 'examples')).filter(name => name.endsWith('.ts'))

/**
 * A short load that suits the script's own kind; several scenarios keep theirs. Each task is drawn
 * at least once, and the same ones each time: a threshold without a sample fails.
 */
function loadFlags(script: string): string[] {
  const text = readFileSync(join(root, 'examples', script), 'utf8')
  const fixed = ['-d', '5s', '--seed', '1', '--warm-up', '0s']
  if (/^import .*'\.\//m.test(text)) return fixed
  return [...(text.includes('rate:') ? ['--rate', '5/s'] : ['-u', '8']), ...fixed]
}

interface Summary {
  readonly totals: { readonly requests: number }
  readonly requests: readonly {
    readonly name: string
    readonly errors: readonly { readonly reason: string }[]
  }[]
  readonly thresholds: readonly { readonly measured: number | null }[]
}

/**
 * Runs an example and looks at what came of it. 97: on a machine that is busy with other things
 * the generator may be late, and an example with tight timeouts may then miss them.
 */
async function expectToHold(script: string, flags: readonly string[]): Promise<void> {
  const json = join(folder().path, 'summary.json')
  const args = ['run', `examples/${script}`, ...loadFlags(script), ...flags, '--json', json]
  const ended = await loadstone(args, { cwd: root })
  expect([0, 97], ended.output).toContain(ended.code)
  const summary = JSON.parse(readFileSync(json, 'utf8')) as Summary
  const errors = summary.requests.flatMap(request => request.errors)
  expect(errors.filter(({ reason }) => ended.code === 0 || reason !== 'timeout')).toEqual([])
  expect(summary.totals.requests).toBeGreaterThan(3)
  expect(summary.thresholds.length).toBeGreaterThan(0)
  expect(summary.thresholds.filter(({ measured }) => measured === null)).toEqual([])
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
  expect(scripts.length).toBeGreaterThanOrEqual(15)
})

test("the guide's page shows every example, with a command, and no other", () => {
  const page = readFileSync(join(root, 'docs/examples.md'), 'utf8')
  const linked = [...page.matchAll(/^\| \[([\w-]+\.ts)\]\(..\/examples\/\1\)/gm)]
  expect(linked.map(match => match[1] ?? '').sort()).toEqual(scripts.toSorted())
  const commands = [...page.matchAll(/loadstone run examples\/([\w-]+\.ts)/g)]
  const inCommands = new Set([...commands.map(match => match[1] ?? ''), 'whole-shop.ts'])
  expect([...inCommands].sort()).toEqual(scripts.toSorted())
})

test.for(scripts)('examples/%s loads the shop without a failure', async script => {
  await expectToHold(script, ['-H', shop.url])
})

test('examples/mesh.ts insists on a proxy when there is to be one', async () => {
  const flags = ['-H', shop.url, '-e', 'MESH=yes', '-u', '1', '-d', '1s']
  const ended = await loadstone(['run', 'examples/mesh.ts', ...flags], { cwd: root })
  expect(ended.output).toContain('no proxy answered')
  expect(ended.code).toBe(107)
})

describe('with a mesh', () => {
  let meshed: ReturnType<typeof forkShop>
  let ready: ShopReady
  beforeAll(async () => {
    meshed = forkShop({ SHOP_MESH: '1' })
    ready = await readyFrom(meshed)
  })
  afterAll(async () => {
    meshed.kill('SIGTERM')
    await leavesNothing(ready)
  })

  test('examples/mesh.ts loads the shop through its proxies without a failure', async () => {
    await expectToHold('mesh.ts', ['-H', ready.url, '-e', 'MESH=yes'])
  })
})

test.for(scripts)('examples/%s has nothing that check finds fault with', async script => {
  const ended = await loadstone(['check', `examples/${script}`], { cwd: root })
  expect(ended.output).toMatch(/✓ types[^]*✓ lint/)
  expect(ended.code).toBe(0)
})
