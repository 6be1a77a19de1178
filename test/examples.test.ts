import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startShop, type RunningShop } from './running-shop.ts'

const root = resolve(import.meta.dirname, '..')
const scripts = readdirSync(join(root, 'examples')).filter(name => name.endsWith('.ts'))

/** A short load that suits the script's own kind: by rate where it is an open model. */
function loadFlags(script: string): string[] {
  const byRate = readFileSync(join(root, 'examples', script), 'utf8').includes('rate:')
  return byRate ? ['--rate', '5/s', '-d', '3s'] : ['-u', '3', '-d', '3s']
}

function runExample(script: string, url: string, jsonFile: string) {
  const bin = join(root, 'src/cli/bin.js')
  const flags = ['-H', url, ...loadFlags(script), '--warm-up', '0s', '--json', jsonFile]
  const child = spawn(process.execPath, [bin, 'run', join('examples', script), ...flags], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  })
  let output = ''
  child.stdout.on('data', chunk => (output += String(chunk)))
  child.stderr.on('data', chunk => (output += String(chunk)))
  return new Promise<{ code: number | null; output: string }>(done => {
    child.on('close', code => done({ code, output }))
  })
}

interface Summary {
  readonly totals: { readonly requests: number; readonly failures: number }
  readonly requests: readonly { readonly name: string; readonly errors: readonly unknown[] }[]
}

let shop: RunningShop
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loadstone-examples-'))
  shop = await startShop()
})

afterAll(async () => {
  await shop?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('there are examples', () => {
  expect(scripts.length).toBeGreaterThanOrEqual(6)
})

test.for(scripts)('examples/%s loads the shop without a failure', async script => {
  const jsonFile = join(folder, `${script}.json`)
  const { code, output } = await runExample(script, shop.url, jsonFile)
  expect(code, output).toBe(0)
  const summary = JSON.parse(readFileSync(jsonFile, 'utf8')) as Summary
  expect(summary.requests.flatMap(request => request.errors)).toEqual([])
  expect(summary.totals.failures).toBe(0)
  expect(summary.totals.requests).toBeGreaterThan(3)
})
