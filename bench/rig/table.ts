import type { Row } from './bench.ts'

const headings = ['', 'unit', 'measured', 'reference', 'ratio', 'budget', ''] as const

/** At most four significant digits, thousands grouped; '-' for what is absent. */
export function figureText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-'
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(4)))
}

const verdict = (ok: boolean | undefined) => (ok === undefined ? '' : ok ? 'ok' : 'BELOW BUDGET')

/** The rows as aligned text, numbers to the right. */
export function tableText(rows: readonly Row[]): string {
  const cells = rows.map(row => [
    row.name,
    row.unit,
    figureText(row.measured),
    figureText(row.reference),
    row.ratio === undefined ? '-' : row.ratio.toFixed(3),
    row.budget ?? '-',
    verdict(row.ok),
  ])
  const lines = [[...headings], ...cells]
  const widths = headings.map((_, column) =>
    Math.max(...lines.map(line => line[column]?.length ?? 0)),
  )
  return lines
    .map(line =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column >= 2 && column <= 4 ? cell.padStart(width) : cell.padEnd(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
