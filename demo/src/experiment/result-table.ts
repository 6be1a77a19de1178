import type { Label } from './recording.ts'
import type { ClientWindow } from './windows/client-windows.ts'
import { mergeLatencies, percentileUs } from './windows/latency.ts'

interface Part {
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
}

/** What clients saw before, during and after the fault, as a table for a terminal. */
export function resultTable(seconds: readonly ClientWindow[], label: Label): string {
  const head = ['', 'seconds', 'requests', 'failed', 'req/s', 'p50 ms', 'p95 ms', 'p99 ms']
  const rows = [head, ...partsOf(seconds, label).map(part => rowOf(seconds, part))]
  const widths = head.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column === 0 ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A second in which the fault came or went belongs to neither side of it. */
function partsOf(seconds: readonly ClientWindow[], { fault }: Label): Part[] {
  const last = seconds.at(-1)
  const endMs = last === undefined ? 0 : (last.second + 1) * 1_000
  const all = { name: 'whole run', fromMs: 0, toMs: endMs }
  if (!fault) return [all]
  return [
    { name: 'before', fromMs: 0, toMs: fault.askedAtMs },
    { name: `during ${fault.name}`, fromMs: fault.setAtMs, toMs: fault.clearAskedAtMs },
    { name: 'after', fromMs: fault.clearedAtMs, toMs: endMs },
    all,
  ]
}

function rowOf(all: readonly ClientWindow[], { name, fromMs, toMs }: Part): string[] {
  const within = all.filter(({ second }) => {
    return second * 1_000 >= fromMs && (second + 1) * 1_000 <= toMs
  })
  const names = within.flatMap(window => window.names.filter(({ kind }) => kind === 'request'))
  const failures = names.reduce((sum, { failed }) => sum + failed.count, 0)
  const latency = mergeLatencies(names.flatMap(({ ok, failed }) => [ok, failed]))
  const requests = latency.count
  const ms = (percent: number) => {
    const us = percentileUs(latency, percent)
    return us === undefined ? '–' : (us / 1_000).toFixed(1)
  }
  const seconds = Math.max(0, Math.floor(toMs / 1_000) - Math.ceil(fromMs / 1_000))
  const perSecond = seconds === 0 ? '–' : (requests / seconds).toFixed(1)
  const failed = requests === 0 ? '–' : `${((100 * failures) / requests).toFixed(1)} %`
  return [name, String(seconds), String(requests), failed, perSecond, ms(50), ms(95), ms(99)]
}
