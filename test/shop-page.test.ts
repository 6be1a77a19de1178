import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { faults } from '../demo/src/faults/catalogue.ts'
import type { Fault, Parameter } from '../demo/src/faults/fault.ts'
import { gatewayRoutes } from '../demo/src/services/gateway/routes.ts'
import { serviceNames } from '../demo/src/services.ts'
import { callGraph } from '../demo/src/shop/call-graph.ts'
import { help } from '../demo/src/shop/options.ts'

const file = resolve(import.meta.dirname, '../demo/README.md')
const page = readFileSync(file, 'utf8')

/** The page with what stands between `<!-- name -->` and `<!-- /name -->` made anew. */
function renewed(parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, content]) => {
    const marked = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(<!-- /${name} -->)`)
    expect(text).toMatch(marked)
    return text.replace(marked, (_, before: string, after: string) => before + content + after)
  }, page)
}

const fenced = (text: string) => `\`\`\`\n${text.trim()}\n\`\`\`\n`

const callsOf = (name: string) => callGraph.filter(call => call.from === name)

/** Every call between services is one line; the calls of a service stand where it comes first. */
function callTree(): string {
  const drawn = new Set<string>()
  const below = (name: string, indent: string): string[] => {
    if (drawn.has(name)) return []
    drawn.add(name)
    const callees = callsOf(name).filter(call => call.kind === 'http')
    return callees.flatMap(({ to }, index) => {
      const isLast = index === callees.length - 1
      const isKnown = drawn.has(to) && callsOf(to).some(call => call.kind === 'http')
      const marks = [
        ...(callsOf(to).some(call => call.kind === 'queue') ? ['~ queue'] : []),
        ...(isKnown ? ['↑'] : []),
      ]
      const line = [`${indent}${isLast ? '└─' : '├─'} ${to}`, ...marks].join(' ')
      return [line, ...below(to, `${indent}${isLast ? '   ' : '│  '}`)]
    })
  }
  return ['client', '└─ gateway', ...below('gateway', '   '), 'client', '└─ storage'].join('\n')
}

const columns = ['fault', 'what is done', 'what a client sees', 'parameters'] as const

function faultTable(): string {
  const rows = faults
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(fault => [nameOf(fault), fault.about, fault.symptom, parametersOf(fault)])
  const lines = [columns, columns.map(() => '---'), ...rows].map(
    cells => `| ${cells.join(' | ')} |`,
  )
  return `${lines.join('\n')}\n`
}

const nameOf = ({ name, family, needs }: Fault) =>
  `${family} \`${name}\`${needs ? ` (\`--${needs}\`)` : ''}`

function parametersOf({ parameters }: Fault): string {
  return Object.entries(parameters)
    .map(([name, parameter]) => `\`${name}\` ${parameter.about}: ${valuesOf(parameter)}`)
    .join('<br>')
}

function valuesOf(parameter: Parameter): string {
  if (parameter.kind === 'number') {
    return `**${parameter.default}**, ${parameter.min} to ${parameter.max}`
  }
  return parameter.of.map(one => (one === parameter.default ? `**${one}**` : one)).join(', ')
}

test("the shop's page shows its options, its calls and its faults as they are", async () => {
  const parts = { options: fenced(help), calls: fenced(callTree()), faults: faultTable() }
  await expect(renewed(parts)).toMatchFileSnapshot(file)
})

test('every call between services is drawn once', () => {
  const drawn = callTree().match(/[├└]─/g)?.length
  // The client's two calls come on top.
  expect(drawn).toBe(callGraph.filter(call => call.kind === 'http').length + 2)
  expect(serviceNames.filter(name => !callTree().includes(`─ ${name}`))).toEqual([])
})

test('every call of the public API is in the table of calls', () => {
  const table = page.slice(page.indexOf('## The public API'), page.indexOf('## Data'))
  expect(table).not.toBe('')
  const missing = gatewayRoutes.filter(({ path }) => !table.includes(`${path}\``))
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([])
})

test('every file that the page names is there', () => {
  const named = [...page.matchAll(/\]\(((?!http)[^)#]+)\)/g)].map(match => match[1] ?? '')
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(path => !existsSync(join(file, '..', path)))).toEqual([])
})
