import { useEffect, useRef, useState } from 'preact/hooks'
import type { SeriesKind } from '../../../src/metrics/index.ts'
import { usePrinting } from '../../app/use-printing.ts'
import { keyOf, type NameTotal } from '../../data/name-totals.ts'
import { columns, type Column, type Measured } from './columns.ts'
import type { Sorting } from './rows.ts'

const rowHeight = 36
/** Rows drawn beyond what is seen, for fast scrolling. */
const spare = 6
/** Tables up to this long are drawn whole. */
const wholeUpTo = 40

export interface NamesTableProps {
  readonly rows: readonly NameTotal[]
  readonly measured: Measured
  readonly sorting: Sorting
  readonly kind: SeriesKind
  readonly chosen: string | undefined
  readonly onSort: (sorting: Sorting) => void
  readonly onChoose: (key: string | undefined) => void
}

/** One row a name. Of a long table only the rows in view are made, so that 500 names stay fast. */
export function NamesTable(props: NamesTableProps) {
  const { rows, kind } = props
  const shown = columns.filter(({ id }) => kind === 'request' || !requestsOnly.includes(id))
  const { place, first, last } = useWindow(rows.length)
  const scenarios = new Set(rows.map(({ scenario }) => scenario)).size
  return (
    <div
      ref={place}
      class="names-scroll card"
      tabIndex={0}
      role="region"
      aria-label={`${kind} names`}
    >
      <table class="names-table" aria-rowcount={rows.length + 1}>
        <Head {...props} columns={shown} />
        <tbody>
          <Spacer rows={first} columns={shown.length + 1} />
          {rows.slice(first, last).map((row, order) => (
            <Row
              key={keyOf(row)}
              {...{ row, columns: shown, measured: props.measured }}
              place={first + order + 2}
              withScenario={scenarios > 1}
              chosen={props.chosen === keyOf(row)}
              onChoose={props.onChoose}
            />
          ))}
          <Spacer rows={rows.length - last} columns={shown.length + 1} />
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">No name matches, or nothing was measured here.</p>}
    </div>
  )
}

const requestsOnly = ['4xx', '5xx', 'none', 'bytes']

/** Which rows are in view. */
function useWindow(count: number) {
  const place = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ top: 0, height: 600 })
  const printing = usePrinting()
  useEffect(() => {
    const { current: element } = place
    if (!element) return
    const look = () => {
      const top = Math.floor(element.scrollTop / rowHeight)
      const { clientHeight: height } = element
      setSeen(old => (old.top === top && old.height === height ? old : { top, height }))
    }
    look()
    element.addEventListener('scroll', look, { passive: true })
    const watch = new ResizeObserver(look)
    watch.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      watch.disconnect()
    }
  }, [])
  if (printing || count <= wholeUpTo) return { place, first: 0, last: count }
  const last = Math.min(count, seen.top + Math.ceil(seen.height / rowHeight) + spare)
  const first = Math.max(0, Math.min(seen.top, count) - spare)
  return { place, first, last }
}

function Spacer({ rows, columns: width }: { readonly rows: number; readonly columns: number }) {
  if (rows <= 0) return null
  return (
    <tr aria-hidden="true" class="spacer">
      <td colSpan={width} style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  )
}

function Head(props: NamesTableProps & { readonly columns: readonly Column[] }) {
  const { sorting, onSort, kind } = props
  const sortBy = (by: string) => () =>
    onSort({ by, descending: sorting.by === by ? !sorting.descending : by !== 'name' })
  const direction = (by: string) =>
    sorting.by !== by ? 'none' : sorting.descending ? 'descending' : 'ascending'
  const countLabel = kind === 'request' ? 'Requests' : 'Count'
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" class="name" aria-sort={direction('name')}>
          <SortButton label="Name" direction={direction('name')} onClick={sortBy('name')} />
        </th>
        {props.columns.map(({ id, label, title }) => (
          <th key={id} scope="col" class="number" aria-sort={direction(id)} title={title}>
            <SortButton
              label={id === 'count' ? countLabel : label}
              direction={direction(id)}
              onClick={sortBy(id)}
            />
          </th>
        ))}
      </tr>
    </thead>
  )
}

function SortButton(props: {
  readonly label: string
  readonly direction: 'none' | 'ascending' | 'descending'
  readonly onClick: () => void
}) {
  const arrow = { none: '', ascending: '↑', descending: '↓' }[props.direction]
  return (
    <button type="button" class="sort" onClick={props.onClick}>
      {props.label}
      <span class="arrow" aria-hidden="true">
        {arrow}
      </span>
    </button>
  )
}

function Row(props: {
  readonly row: NameTotal
  readonly columns: readonly Column[]
  readonly measured: Measured
  readonly place: number
  readonly withScenario: boolean
  readonly chosen: boolean
  readonly onChoose: (key: string | undefined) => void
}) {
  const { row, measured, chosen, withScenario } = props
  const choose = () => props.onChoose(chosen ? undefined : keyOf(row))
  return (
    <tr aria-rowindex={props.place} class={chosen ? 'chosen' : ''} onClick={choose}>
      <th scope="row" class="name" title={`${row.scenario}: ${row.name}`}>
        <button type="button" class="name-button" aria-expanded={chosen}>
          {withScenario && (
            <>
              <span class="soft scenario" dir="auto">
                {row.scenario}
              </span>
              <span class="soft arrow"> › </span>
            </>
          )}
          <span class="its-name" dir="auto">
            {row.name}
          </span>
        </button>
      </th>
      {props.columns.map(({ id, value, shown, bad }) => {
        const number = value(row, measured)
        const look = bad ? (number > 0 ? 'number bad' : 'number zero') : 'number'
        return (
          <td key={id} class={look}>
            {shown(number)}
          </td>
        )
      })}
    </tr>
  )
}
