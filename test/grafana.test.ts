import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { RunFamilies } from '../src/report/index.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets: readonly { readonly expr: string; readonly refId: string }[]
}

const file = resolve(import.meta.dirname, '../deploy/grafana/loadstone.json')
const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly schemaVersion: number
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { name: string; definition?: string }[] }
}
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

/** Every name that Prometheus gets, histograms with the endings of their parts. */
const sent = new RunFamilies({
  ...({ script: '', model: 'open', workers: 1, loadstoneVersion: '', tags: {} } as const),
})
  .families()
  .flatMap(({ kind, name }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  )

test('each metric in the Grafana dashboard is one that we send', () => {
  const definitions = dashboard.templating.list.map(({ definition = '' }) => definition)
  const used = [...expressions, ...definitions].flatMap(text => text.match(/loadstone_\w+/g) ?? [])
  expect(used.filter(name => !sent.includes(name))).toEqual([])
})

test('each metric that we send is in the Grafana dashboard, but for sums and counts', () => {
  const all = [...expressions, ...dashboard.templating.list.map(one => one.definition)].join('\n')
  const missing = sent.filter(name => !/_(sum|count)$/.test(name) && !all.includes(name))
  expect(missing).toEqual([])
})

test('each panel asks for the chosen run only', () => {
  expect(expressions.filter(text => !text.includes('run_id=~"$run"'))).toEqual([])
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'run'])
})

test('panels have ids of their own and lie side by side on a grid of 24 columns', () => {
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39)
})
