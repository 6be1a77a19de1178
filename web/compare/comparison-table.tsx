import { useState } from 'preact/hooks'
import {
  effectText,
  formatCount,
  intervalText,
  measureOf,
  namesAtOnce,
} from '../../src/report/index.ts'
import {
  isShare,
  type MeasureComparison,
  type NameComparison,
  type RunComparison,
  type Verdict,
} from '../../src/statistics/index.ts'
import { hasWords } from '../app/has-words.ts'
import { SearchField } from '../app/search-field.tsx'
import { usePrinting } from '../app/use-printing.ts'
import { signs, tones, valueText } from './words.ts'

/** Names beyond this are shown when they are asked for. */
const namesMost = 100
/** Measure, verdict, effect, base, candidate, interval: on a phone what matters is seen first. */
const columns = 6

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span class={`badge ${tones[verdict]}`}>
      <span aria-hidden="true">{signs[verdict]}</span> {verdict}
    </span>
  )
}

export interface ComparisonTableProps {
  readonly comparison: RunComparison
  readonly title: string
  /** Of many names only those that changed are shown at first. @default false */
  readonly brief?: boolean
}

/** Per name and measure: both values, the effect with its interval, the verdict. */
export function ComparisonTable({ comparison, title, brief = false }: ComparisonTableProps) {
  const [search, setSearch] = useState('')
  const [changedOnly, setChangedOnly] = useState(brief && comparison.names.length > namesAtOnce)
  const [all, setAll] = useState(false)
  const printing = usePrinting()
  const matching = comparison.names.filter(({ name, measures }) => {
    const changed = measures.some(({ verdict }) => ['regressed', 'improved'].includes(verdict))
    return (changed || !changedOnly) && hasWords(name, search)
  })
  const shown = all || printing ? matching : matching.slice(0, namesMost)
  const hidden = comparison.names.length - matching.length
  return (
    <section aria-labelledby="comparison-title">
      <header class="section-head">
        <h2 id="comparison-title">{title}</h2>
        <span class="grow" />
        <label class="check screen-only">
          <input
            type="checkbox"
            checked={changedOnly}
            onChange={event => setChangedOnly(event.currentTarget.checked)}
          />
          Only what changed
        </label>
        <SearchField
          label="Search names"
          placeholder="Search names"
          value={search}
          onSearch={setSearch}
        />
      </header>
      <div class="card scroll-x" tabIndex={0} role="region" aria-label="Comparison by name">
        <table class="comparison">
          <thead>
            <tr>
              <th scope="col">Measure</th>
              <th scope="col">Verdict</th>
              <th scope="col" class="number">
                Effect
              </th>
              <th scope="col" class="number">
                Base
              </th>
              <th scope="col" class="number">
                Candidate
              </th>
              <th scope="col">95 % interval</th>
            </tr>
          </thead>
          <Name one={comparison.overall} title="All requests" />
          {shown.map(one => (
            <Name key={one.name} one={one} title={one.name} />
          ))}
        </table>
      </div>
      {hidden > 0 && (
        <p class="hint">
          {formatCount(hidden)} of {formatCount(comparison.names.length)} names
          {changedOnly && search === '' ? ' did not change and are' : ' are'} not shown.
        </p>
      )}
      {shown.length < matching.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {matching.length} names
        </button>
      )}
    </section>
  )
}

/** A name on a line of its own, so that a narrow screen has room for the figures. */
function Name({ one, title }: { readonly one: NameComparison; readonly title: string }) {
  return (
    <tbody>
      <tr>
        <th class="name" scope="rowgroup" colSpan={columns}>
          <span class="stays">{title}</span>
        </th>
      </tr>
      {one.measures.map(measure => (
        <Measured key={measure.measure} one={measure} />
      ))}
    </tbody>
  )
}

function Measured({ one }: { readonly one: MeasureComparison }) {
  const { measure, base, candidate, effect, verdict, reason, note } = one
  const why = [reason?.words, note].filter(Boolean).join(' ')
  return (
    <>
      <tr>
        <th scope="row">{measureOf(measure)}</th>
        <td>
          <VerdictBadge verdict={verdict} />
        </td>
        <td class="number effect">{effect ? effectText(one) : ''}</td>
        <td class="number">{valueText(measure, base)}</td>
        <td class="number">{valueText(measure, candidate)}</td>
        <td class="soft">
          <Interval one={one} /> {effect ? intervalText(one) : ''}
        </td>
      </tr>
      {why !== '' && (
        <tr class="why">
          <td class="soft" colSpan={columns}>
            <span class="stays">{why}</span>
          </td>
        </tr>
      )}
    </>
  )
}

/** Half the width of the little axis, as a multiple of the tolerance. */
const axisTolerances = 4

/** The interval on an axis whose middle is "no difference" and whose band is the tolerance. */
function Interval({ one }: { readonly one: MeasureComparison }) {
  const { effect, measure, tolerance, verdict } = one
  if (!effect) return null
  const centre = isShare(measure) ? 0 : 1
  const at = (value: number) => {
    const share = (value - centre) / (tolerance * axisTolerances)
    return 50 + 50 * Math.max(-1, Math.min(1, share))
  }
  const [low, high] = [at(effect.low), at(effect.high)]
  const band = 100 / axisTolerances
  return (
    <span class="interval-axis" aria-hidden="true">
      <i class="band" style={{ left: `${50 - band / 2}%`, width: `${band}%` }} />
      <i
        class={`span ${tones[verdict]}`}
        style={{ left: `${low}%`, width: `max(3px, ${high - low}%)` }}
      />
    </span>
  )
}
