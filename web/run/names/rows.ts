import type { SeriesKind } from '../../../src/metrics/index.ts'
import { hasWords } from '../../app/has-words.ts'
import type { NameTotal, NameTotals } from '../../data/name-totals.ts'
import { columns, type Measured } from './columns.ts'

export interface Sorting {
  /** Id of a column, or 'name'. */
  readonly by: string
  readonly descending: boolean
}

export interface Wanted {
  readonly kind: SeriesKind
  readonly search: string
  readonly sorting: Sorting
  readonly measured: Measured
}

/** Rows of a table: of one kind, that match all words of the search, in order. */
export function rowsOf(totals: NameTotals, wanted: Wanted): NameTotal[] {
  const rows = [...totals.names.values()].filter(
    ({ kind, scenario, name }) =>
      kind === wanted.kind && hasWords(`${scenario} ${name}`, wanted.search),
  )
  return sorted(rows, wanted)
}

function sorted(rows: NameTotal[], { sorting, measured }: Wanted): NameTotal[] {
  const byName = (a: NameTotal, b: NameTotal) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.scenario < b.scenario ? -1 : 1
  const direction = sorting.descending ? -1 : 1
  const column = columns.find(({ id }) => id === sorting.by)
  if (!column) return rows.sort((a, b) => direction * byName(a, b))
  // Percentiles cost more than a comparison: each is computed once.
  const values = new Map(rows.map(row => [row, column.value(row, measured)]))
  const valueOf = (row: NameTotal) => values.get(row) || 0
  return rows.sort((a, b) => direction * (valueOf(a) - valueOf(b)) || byName(a, b))
}
