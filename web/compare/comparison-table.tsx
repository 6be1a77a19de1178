import { useState } from 'preact/hooks'
import { effectText, intervalText, measureOf } from '../../src/report/index.ts'
import {
  isShare,
  type MeasureComparison,
  type NameComparison,
  type RunComparison,
  type Verdict,
} from '../../src/statistics/index.ts'
import { hasWords } from '../app/has-words.ts'
import { SearchField } from '../app/search-field.tsx'
import { signs, tones, valueText } from './words.ts'

/** Names beyond this are shown when they are asked for. */
const namesMost = 100

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span class={`badge ${tones[verdict]}`}>
      <span aria-hidden="true">{signs[verdict]}</span> {verdict}
    </span>
  )
}

/** Per name and measure: both values, the effect with its interval, the verdict. */
export function ComparisonTable({ comparison }: { readonly comparison: RunComparison }) {
  const [search, setSearch] = useState('')
  const [changedOnly, setChangedOnly] = useState(false)
  const [all, setAll] = useState(false)
  const matching = comparison.names.filter(({ name, measures }) => {
    const changed = measures.some(({ verdict }) => ['regressed', 'improved'].includes(verdict))
    return (changed || !changedOnly) && hasWords(name, search)
  })
  const shown = all ? matching : matching.slice(0, namesMost)
  return (
    <section aria-labelledby="comparison-title">
      <header class="section-head">
        <h2 id="comparison-title">By name</h2>
        <span class="grow" />
        <label class="check">
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
              <th scope="col">Name</th>
              <th scope="col">Measure</th>
              <th scope="col" class="number">
                Base
              </th>
              <th scope="col" class="number">
                Candidate
              </th>
              <th scope="col" class="number">
                Effect
              </th>
              <th scope="col">95 % interval</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <Name one={comparison.overall} title="All requests" />
          {shown.map(one => (
            <Name key={one.name} one={one} title={one.name} />
          ))}
        </table>
      </div>
      {shown.length < matching.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {matching.length} names
        </button>
      )}
    </section>
  )
}

function Name({ one, title }: { readonly one: NameComparison; readonly title: string }) {
  return (
    <tbody>
      {one.measures.map((measure, place) => (
        <tr key={measure.measure}>
          {place === 0 && (
            <th scope="rowgroup" rowSpan={one.measures.length} title={title}>
              {title}
            </th>
          )}
          <Measured one={measure} />
        </tr>
      ))}
    </tbody>
  )
}

function Measured({ one }: { readonly one: MeasureComparison }) {
  const { measure, base, candidate, effect, verdict, reason, note } = one
  return (
    <>
      <th scope="row">{measureOf(measure)}</th>
      <td class="number">{valueText(measure, base)}</td>
      <td class="number">{valueText(measure, candidate)}</td>
      <td class="number effect">{effect ? effectText(one) : ''}</td>
      <td class="soft interval">
        <Interval one={one} /> {effect ? intervalText(one) : ''}
      </td>
      <td class="verdict-cell">
        <VerdictBadge verdict={verdict} />
        {(reason ?? note) && (
          <span class="soft">{[reason?.words, note].filter(Boolean).join(' ')}</span>
        )}
      </td>
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
