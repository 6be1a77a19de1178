import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  bannedFileNames,
  folderRules,
  limits,
  owners,
  publicEntryMayImport,
  pureFolders,
  webRule,
} from './tidy-rules.ts'

const root = resolve(import.meta.dirname, '..')

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.name === 'node_modules' || entry.name === 'fixtures') return []
    if (entry.isDirectory()) return filesUnder(path)
    return /\.(tsx?|js)$/.test(entry.name) ? [path] : []
  })
}

const isTest = (path: string) => /\.test(-d)?\.ts$/.test(path) || path.includes('/testing/')
const everywhere = ['src', 'web', 'test', 'bench', 'examples', 'demo'].flatMap(filesUnder)
const sources = everywhere.filter(path => path.startsWith('src/'))
const product = sources.filter(path => !isTest(path))
const pages = everywhere.filter(path => path.startsWith('web/') && !isTest(path))
const textOf = new Map(everywhere.map(path => [path, readFileSync(join(root, path), 'utf8')]))

/**
 * Comments go, so that prose about `Date.now()` is not taken for a call; lines keep their number.
 */
function codeOf(path: string): string {
  const blank = (match: string) => match.replace(/[^\n]/g, ' ')
  return (textOf.get(path) ?? '')
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, (match, before: string) => before + blank(match.slice(1)))
}

/** As codeOf, with the text of one-line strings gone too: a message may name what it is about. */
const codeWithoutStrings = (path: string) =>
  codeOf(path).replace(/(['"])(?:\\.|(?!\1)[^\\\n])*\1/g, '$1$1')

interface Import {
  readonly from: string
  readonly line: number
  readonly specifier: string
}

function importsOf(path: string): Import[] {
  const code = codeOf(path)
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g
  return [...code.matchAll(pattern)].map(match => ({
    from: path,
    line: code.slice(0, match.index).split('\n').length,
    specifier: match[2] ?? '',
  }))
}

const folderOf = (path: string) => {
  const parts = path.split('/')
  return parts.length > 2 ? (parts[1] ?? '') : ''
}
const packageOf = (specifier: string) =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
const targetOf = (found: Import) =>
  relative(root, resolve(root, dirname(found.from), found.specifier))

function importFault(found: Import): string | undefined {
  const at = `${found.from}:${found.line} imports ${found.specifier}`
  const folder = folderOf(found.from)
  const rule = folderRules[folder]
  if (found.specifier.startsWith('node:')) {
    return pureFolders.includes(folder) ? `${at}: ${folder} does no I/O` : undefined
  }
  if (!found.specifier.startsWith('.')) {
    const allowed = rule?.packages.includes(packageOf(found.specifier) ?? '') ?? false
    return allowed ? undefined : `${at}: ${folder} may not use this package`
  }
  const target = targetOf(found)
  if (!target.startsWith('src/')) return `${at}: leaves src/`
  const targetFolder = folderOf(target)
  if (targetFolder === folder) return undefined
  const allowed = folder === '' ? publicEntryMayImport : (rule?.mayImport ?? [])
  if (allowed !== '*' && !allowed.includes(targetFolder)) {
    return `${at}: ${folder || 'src/index.ts'} may not import ${targetFolder}`
  }
  return target === `src/${targetFolder}/index.ts` ? undefined : `${at}: not through its index.ts`
}

function webFault(found: Import): string | undefined {
  const at = `${found.from}:${found.line} imports ${found.specifier}`
  const { mayImport, typesOf, packages }: Record<keyof typeof webRule, readonly string[]> = webRule
  if (!found.specifier.startsWith('.')) {
    return packages.includes(packageOf(found.specifier) ?? '') ? undefined : `${at}: not allowed`
  }
  const target = targetOf(found)
  if (target.startsWith('web/')) return undefined
  if (mayImport.some(folder => target === `src/${folder}/index.ts`)) return undefined
  const line = codeOf(found.from).split('\n')
  const statement = line.slice(0, found.line).join('\n')
  const onlyTypes = /^import type\b/.test(statement.slice(statement.lastIndexOf('import ')))
  return typesOf.includes(target) && onlyTypes ? undefined : `${at}: not for pages`
}

/** Files on an import cycle, as the path that closes it; empty when there is none. */
function firstCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const walk = (node: string, trail: string[]): string[] => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node]
    if (done.has(node)) return []
    for (const next of graph.get(node) ?? []) {
      const cycle = walk(next, [...trail, node])
      if (cycle.length > 0) return cycle
    }
    done.add(node)
    return []
  }
  for (const node of graph.keys()) {
    const cycle = walk(node, [])
    if (cycle.length > 0) return cycle
  }
  return []
}

describe('the house is tidy', () => {
  test('every folder of src has a rule', () => {
    const folders = new Set(sources.map(folderOf).filter(name => name !== ''))
    expect([...folders].filter(name => !(name in folderRules))).toEqual([])
  })

  test('imports follow the table', () => {
    const faults = product.flatMap(importsOf).map(importFault)
    expect(faults.filter(fault => fault !== undefined)).toEqual([])
  })

  test('pages import pure folders, and of the server only types', () => {
    const faults = pages.flatMap(importsOf).map(webFault)
    expect(faults.filter(fault => fault !== undefined)).toEqual([])
  })

  test('no file is part of an import cycle', () => {
    const graph = new Map(
      [...product, ...pages].map(path => [
        path,
        importsOf(path)
          .filter(found => found.specifier.startsWith('.'))
          .map(targetOf),
      ]),
    )
    expect(firstCycle(graph)).toEqual([])
  })

  test('a cycle would be found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    expect(firstCycle(graph)).toEqual(['b', 'c', 'b'])
  })

  test('files and lines are short enough to read', () => {
    const faults = everywhere.flatMap(path => {
      const lines = (textOf.get(path) ?? '').split('\n')
      const long = lines.flatMap((line, index) =>
        line.length > limits.lineColumns ? [`${path}:${index + 1} is ${line.length} columns`] : [],
      )
      return lines.length - 1 > limits.fileLines
        ? [...long, `${path} has ${lines.length - 1} lines`]
        : long
    })
    expect(faults).toEqual([])
  })

  test('a folder holds at most ten files, and none is a dumping ground', () => {
    const perFolder = Map.groupBy([...product, ...pages], path => dirname(path))
    const crowded = [...perFolder].filter(([, files]) => files.length > limits.folderFilesMax)
    expect(crowded.map(([folder, files]) => `${folder}: ${files.length} files`)).toEqual([])
    const stem = (path: string) => path.split('/').at(-1)?.replace(/\..*$/, '') ?? ''
    expect(everywhere.filter(path => bannedFileNames.includes(stem(path)))).toEqual([])
  })

  test('time, timers, randomness, environment, arguments and exit have one owner each', () => {
    const faults = product.flatMap(path =>
      codeWithoutStrings(path)
        .split('\n')
        .flatMap((line, index) =>
          owners
            .filter(({ pattern, owners: mine }) => {
              return pattern.test(line) && !mine.some(owner => path.startsWith(owner))
            })
            .map(({ what }) => `${path}:${index + 1} ${what}: ${line.trim()}`),
        ),
    )
    expect(faults).toEqual([])
  })

  test('the table of the architecture page and the rules are the same', () => {
    const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    const table = page.slice(page.indexOf('## Who may import whom'), page.indexOf('## Invariants'))
    const pagesRow = ['| web/ |', `${webRule.mayImport.join(', ')}; types of server/api.ts |`]
    expect(table).toContain([...pagesRow, `${webRule.packages.join(', ')} |`].join(' '))
    const rows = [...table.matchAll(/^\| (\w+) \| (.+) \| (.+) \|$/gm)].slice(1)
    const listed = (names: readonly string[], none: string) => names.join(', ') || none
    expect(rows.map(([, folder, imports, packages]) => [folder, imports, packages])).toEqual(
      Object.entries(folderRules).map(([folder, { mayImport, packages }]) => [
        folder,
        mayImport === '*' ? 'everything' : listed(mayImport, 'nothing'),
        listed(packages, 'none'),
      ]),
    )
  })

  test('the architecture page describes the folders that exist', () => {
    const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    const folders = readdirSync(join(root, 'src')).filter(name =>
      statSync(join(root, 'src', name)).isDirectory(),
    )
    expect(folders.filter(name => !new RegExp(`^\\s*${name}/`, 'm').test(page))).toEqual([])
  })
})
