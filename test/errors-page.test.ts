import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes } from '../src/base/index.ts'

const root = resolve(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const page = textOf('docs/errors.md')
const product = globSync('src/**/*.ts', { cwd: root }).filter(
  path => !/\.test(-d)?\.ts$|\/testing\//.test(path),
)
const sorted = (texts: Iterable<string>) => [...new Set(texts)].sort()

test('docs/errors.md shows the exit codes that the program uses', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| (\w+) \|/gm)]
  const shown = Object.fromEntries(rows.map(([, code, name]) => [name ?? '', Number(code)]))
  expect(shown).toEqual(exitCodes)
})

test('docs/errors.md shows every code of a UsageError, each once, and no other', () => {
  const shown = [...page.matchAll(/^\| ([A-Z_]{3,}) \|/gm)].map(([, code = '']) => code)
  const thrown = product.flatMap(path =>
    [...textOf(path).matchAll(/new UsageError\(\s*'(\w+)'/g)].map(([, code = '']) => code),
  )
  expect([...shown].sort()).toEqual(sorted(thrown))
})

test('every UsageError is made with a code that can be found in the source', () => {
  const hidden = product.flatMap(path =>
    [...textOf(path).matchAll(/new UsageError\(\s*[^\s'][^,]*/g)].map(
      ([text]) => `${path}: ${text}`,
    ),
  )
  const heirs = product.filter(path => /extends UsageError/.test(textOf(path)))
  expect([hidden, heirs]).toEqual([[], []])
})

test('docs/errors.md tells every reason of a broken connection', () => {
  const rows = [...page.matchAll(/^\| (`.*?) \|/gm)].map(([, reasons = '']) => reasons)
  const shown = rows.flatMap(row =>
    [...row.matchAll(/`([^`]+)`/g)].map(([, reason = '']) => reason),
  )
  const isShown = (reason: string) =>
    shown.some(one => (one.endsWith('…') ? reason.startsWith(one.slice(0, -1)) : one === reason))
  const failures = textOf('src/protocols/network/failure.ts')
  const reasons = [...failures.matchAll(/^ {2}\S+: '([^']+)',$|refusedByGuard = '([^']+)'/gm)]
  expect(reasons.length).toBeGreaterThan(30)
  expect(reasons.map(([, one, two]) => one ?? two ?? '').filter(one => !isShown(one))).toEqual([])
})
