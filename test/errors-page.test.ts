import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes } from '../src/base/index.ts'

test('docs/errors.md shows the exit codes that the program uses', () => {
  const page = readFileSync(join(resolve(import.meta.dirname, '..'), 'docs/errors.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\d+) \| (\w+) \|/gm)]
  const shown = Object.fromEntries(rows.map(([, code, name]) => [name ?? '', Number(code)]))
  expect(shown).toEqual(exitCodes)
})
