import { fit, padEnd, padStart, widthOf } from './width.ts'

export interface Cell {
  readonly text: string
  /** Colours the padded text. */
  readonly paint?: (text: string) => string
}

export interface Column {
  readonly head: string
  readonly align: 'left' | 'right'
  /** Gives way when the table is too wide; of several the widest does so first. */
  readonly shrinks?: boolean
}

export interface TableOptions {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Columns of the terminal, indentation included. */
  readonly width: number
  readonly paintHead: (text: string) => string
  /** @default 2 */
  readonly indent?: number
}

const gap = '  '
const narrowest = 8

/** Lines of an aligned table, head first. Columns are as wide as their widest cell. */
export function tableLines(options: TableOptions): string[] {
  const { columns, rows } = options
  const indent = ' '.repeat(options.indent ?? 2)
  const widths = widthsOf(options, indent.length)
  const padded = (text: string, i: number) => {
    if (columns[i]!.align === 'right') return padStart(text, widths[i]!)
    // Nothing stands behind the last column, so nothing needs room there.
    return i === columns.length - 1 ? text : padEnd(text, widths[i]!)
  }
  const line = (cells: readonly Cell[]) =>
    (
      indent +
      cells
        .map(({ text, paint = same }, i) => {
          const fitted = fit(text, widths[i]!)
          return text === '' ? ' '.repeat(widths[i]!) : paint(padded(fitted, i))
        })
        .join(gap)
    ).trimEnd()
  const head = columns.map(({ head }) => ({ text: head, paint: options.paintHead }))
  return [line(head), ...rows.map(line)]
}

function widthsOf({ columns, rows, width }: TableOptions, indent: number): number[] {
  const widths = columns.map(({ head }, i) =>
    Math.max(widthOf(head), ...rows.map(row => widthOf(row[i]?.text ?? ''))),
  )
  let excess = indent + widths.reduce((sum, one) => sum + one + gap.length, -gap.length) - width
  while (excess > 0) {
    const widest = widestShrinking(columns, widths)
    if (widest === undefined) break
    widths[widest]! -= 1
    excess -= 1
  }
  return widths
}

function widestShrinking(columns: readonly Column[], widths: readonly number[]) {
  return columns
    .map((_, i) => i)
    .filter(i => columns[i]!.shrinks === true && widths[i]! > narrowest)
    .sort((a, b) => widths[b]! - widths[a]!)[0]
}

const same = (text: string) => text
