import { readdirSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { scriptFolder } from '../testing/script-folder.ts'
import { bundleScript } from './bundle-script.ts'
import { loadScript } from './load-script.ts'

const minimal = `import { scenario } from 'loadstone'
export default scenario('x', { iteration: async () => {} })`

async function usageError(work: Promise<unknown>): Promise<UsageError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UsageError)
  return error as UsageError
}

describe('a script becomes one module', () => {
  test('with loadstone inlined, where it is not installed, leaving no file behind', async () => {
    const at = scriptFolder({ 'a.ts': minimal })
    const bundle = await bundleScript(at('a.ts'))
    expect(bundle.scriptPath).toBe(at('a.ts'))
    expect(bundle.code).not.toMatch(/from ["']loadstone/)
    expect(bundle.sha256).toBe(createHash('sha256').update(bundle.code).digest('hex'))
    expect([...(await loadScript(bundle)).scenarios.keys()]).toEqual(['x'])
    expect(readdirSync(at('.'))).toEqual(['a.ts'])
  })

  test('the same script gives the same bundle, so workers can check it by hash', async () => {
    const at = scriptFolder({ 'a.ts': minimal })
    const [one, two] = await Promise.all([bundleScript(at('a.ts')), bundleScript(at('a.ts'))])
    expect(one.sha256).toBe(two.sha256)
  })

  test('carries nothing of ours but the script API', async () => {
    const at = scriptFolder({ 'a.ts': minimal })
    expect((await bundleScript(at('a.ts'))).code.length).toBeLessThan(6_000)
  })

  test('a CommonJS package may require Node built-ins and know its folder', async () => {
    const at = scriptFolder({
      'a.ts': `import { scenario } from 'loadstone'
import old from 'old'
const require = 'a name that the script may use itself'
const __dirname = import.meta.dirname
export default scenario(old.name, { headers: { require, __dirname }, iteration: async () => {} })`,
      'node_modules/old/package.json': '{ "main": "main.js" }',
      'node_modules/old/main.js': `const path = require('path')
const { EOL } = require('node:os')
module.exports = { name: path.basename(__dirname) + EOL.length + path.basename(__filename) }`,
    })
    const script = await loadScript(await bundleScript(at('a.ts')))
    expect([...script.scenarios.keys()]).toEqual(['old1main.js'])
    expect(script.options.scenarios[0]?.options.headers?.['__dirname']).toBe(dirname(at('a.ts')))
  })

  test('each file of a script knows its own place', async () => {
    const at = scriptFolder({
      'a.mjs': `import { scenario } from 'loadstone'
import { here } from './lib/here.js'
const headers = { me: import.meta.filename }
export default scenario(here, { headers, iteration: async () => {} })`,
      'lib/here.js': `#!/usr/bin/env node
export const here = import.meta.url`,
    })
    const { options } = await loadScript(await bundleScript(at('a.mjs')))
    expect(options.scenarios[0]?.name).toBe(`file://${at('lib/here.js')}`)
    expect(options.scenarios[0]?.options.headers?.['me']).toBe(at('a.mjs'))
  })

  test('a CommonJS script works too', async () => {
    const at = scriptFolder({
      'a.cjs': `const { scenario } = require('loadstone')
module.exports = scenario('old style', { iteration: async () => {} })`,
    })
    const { scenarios } = await loadScript(await bundleScript(at('a.cjs')))
    expect([...scenarios.keys()]).toEqual(['old style'])
  })
})

describe('a broken script is refused in one message', () => {
  test.each([
    ['a syntax error', 'const a = ;\n', /a\.ts:1:11: Unexpected ";"/],
    [
      'a package that is not installed',
      `import x from '@acme/pay/deep'\nexport default x`,
      /a\.ts:1:15: Could not resolve "@acme\/pay\/deep"; install .*: npm install @acme\/pay$/,
    ],
    [
      'a file that is not there',
      `import x from './gone.ts'\nexport default x`,
      /a\.ts:1:15: Could not resolve "\.\/gone\.ts"; check the path/,
    ],
    [
      'a misspelt import from loadstone',
      `import { scenaro } from 'loadstone'\nexport default scenaro('x', {})`,
      /a\.ts:1:10: No matching export .* "scenaro"/,
    ],
    [
      'a part of loadstone that does not exist',
      `import { x } from 'loadstone/http'\nexport default x`,
      /a\.ts:1:19: "loadstone\/http" does not exist; everything is in 'loadstone'/,
    ],
  ])('%s', async (_, text, message) => {
    const at = scriptFolder({ 'a.ts': text })
    const error = await usageError(bundleScript(at('a.ts')))
    expect(error.message).toMatch(message)
    expect(error.exitCode).toBe(2)
  })

  test('a mistake in a helper file names the helper file', async () => {
    const at = scriptFolder({
      'a.ts': `import './lib/b.ts'\n${minimal}`,
      'lib/b.ts': '\n\nlet let = 1',
    })
    const error = await usageError(bundleScript(at('a.ts')))
    expect(error.message).toContain(`${at('lib/b.ts')}:3:5: `)
  })

  test('a missing file, a folder and a script of another tool', async () => {
    const at = scriptFolder({ 'locustfile.py': '' })
    expect((await usageError(bundleScript(at('no.ts')))).message).toMatch(/no\.ts: there is no/)
    expect((await usageError(bundleScript(at('.')))).message).toMatch(
      /is a folder; name the script/,
    )
    expect((await usageError(bundleScript(at('locustfile.py')))).message).toMatch(
      /loadstone import/,
    )
  })
})
