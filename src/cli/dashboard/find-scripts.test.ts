import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findScripts } from './find-scripts.ts'

function folderOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'loadstone-scripts-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const script = `import { scenario } from 'loadstone'\n`

test('scripts are what imports loadstone, those that lie highest first', async () => {
  const root = folderOf({
    'b.ts': script,
    'a/deep.ts': `import { plan,\n  scenario } from "loadstone"`,
    'c.mjs': script,
    'not.ts': `import { x } from 'loadstone-extras'`,
    'text.md': script,
    'some.test.ts': script,
    'some.d.ts': script,
    'node_modules/x/index.js': script,
    '.hidden/x.ts': script,
  })
  expect(await findScripts(root)).toEqual(['b.ts', 'c.mjs', 'a/deep.ts'])
})

test('at most 200 are found, and a folder that is not there has none', async () => {
  const many = Array.from({ length: 250 }, (_, i) => [`s${i}.ts`, script] as const)
  expect(await findScripts(folderOf(Object.fromEntries(many)))).toHaveLength(200)
  expect(await findScripts('/nowhere/at/all')).toEqual([])
})
