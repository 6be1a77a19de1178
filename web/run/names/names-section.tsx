import { useRef, useState } from 'preact/hooks'
import type { SeriesKind } from '../../../src/metrics/index.ts'
import { SearchField } from '../../app/search-field.tsx'
import type { RunModel } from '../../data/run-model.ts'
import { measuredSeconds } from '../overview-cards.tsx'
import { NameDetails } from './name-details.tsx'
import { NamesTable } from './names-table.tsx'
import { rowsOf, type Sorting } from './rows.ts'

const titles: Readonly<Record<SeriesKind, string>> = {
  request: 'Requests',
  step: 'Steps',
  poll: 'Polls',
}

/** Tables of all names, requests apart from steps and polls, and the details of a chosen one. */
export function NamesSection({ model }: { readonly model: RunModel }) {
  const { of: totals } = model.names.value
  const kinds = new Set([...totals.names.values()].map(({ kind }) => kind))
  const [chosen, setChosen] = useState<string>()
  const choose = (key: string | undefined) => {
    setChosen(key)
    void model.follow(key)
  }
  const shared = { model, chosen, choose }
  return (
    <>
      <KindSection {...shared} kind="request" />
      {kinds.has('step') && <KindSection {...shared} kind="step" />}
      {kinds.has('poll') && <KindSection {...shared} kind="poll" />}
    </>
  )
}

function KindSection(props: {
  readonly model: RunModel
  readonly kind: SeriesKind
  /** Of all kinds together one name is open: the run computes the charts of one. */
  readonly chosen: string | undefined
  readonly choose: (key: string | undefined) => void
}) {
  const { model, kind, chosen, choose } = props
  const section = useRef<HTMLElement>(null)
  const [search, setSearch] = useState('')
  const [sorting, setSorting] = useState<Sorting>({ by: 'count', descending: true })
  const { of: totals } = model.names.value
  const measured = { seconds: measuredSeconds(model, totals.seconds) }
  const rows = rowsOf(totals, { kind, search, sorting, measured })
  const titleId = `${kind}-title`
  const close = () => {
    // Back to where a reader without a mouse came from.
    section.current?.querySelector<HTMLElement>('[aria-expanded=true]')?.focus()
    choose(undefined)
  }
  const open = chosen === undefined ? undefined : totals.names.get(chosen)
  return (
    <section ref={section} class="names" aria-labelledby={titleId}>
      <header class="section-head">
        <h2 id={titleId}>{titles[kind]}</h2>
        <span class="soft">
          {rows.length === 1 ? '1 name' : `${rows.length} names`}, times in ms
        </span>
        <span class="grow" />
        {kind === 'request' && <MeasureToggle model={model} />}
        <SearchField
          label={`Search ${titles[kind].toLowerCase()}`}
          placeholder="Search names"
          value={search}
          onSearch={setSearch}
        />
      </header>
      <NamesTable
        {...{ rows, measured, sorting, kind, chosen }}
        onSort={setSorting}
        onChoose={choose}
      />
      {chosen !== undefined && open?.kind === kind && (
        <NameDetails model={model} nameKey={chosen} onClose={close} />
      )}
    </section>
  )
}

function MeasureToggle({ model }: { readonly model: RunModel }) {
  const { value: measure } = model.measure
  return (
    <div class="toggle screen-only" role="group" aria-label="What times count">
      <button
        type="button"
        aria-pressed={measure === 'latency'}
        title="From when the schedule meant to start"
        onClick={() => model.measureBy('latency')}
      >
        Latency
      </button>
      <button
        type="button"
        aria-pressed={measure === 'serviceTime'}
        title="From when the request was really sent"
        onClick={() => model.measureBy('serviceTime')}
      >
        Service time
      </button>
    </div>
  )
}
