import { useEffect, useRef } from 'preact/hooks'
import type { RunModel } from '../data/run-model.ts'
import { shownClock } from '../data/shown.ts'
import { show } from '../charts/plot/viewport.ts'

/** Seconds shown around a mark that was chosen. */
const around = 15

/** What happened when, as a list: the flags of the charts in words. */
export function Marks({ model }: { readonly model: RunModel }) {
  const { marks, item } = model.page.value
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    // Of a run under way the newest is what a reader looks for.
    if (item.state === 'running') list.current?.scrollTo({ left: list.current.scrollWidth })
  }, [marks.length, item.state])
  if (marks.length === 0) return null
  return (
    <ol ref={list} class="marks" aria-label="What happened when">
      {marks.map(({ atUs, kind, text }) => {
        const at = atUs / 1e6
        return (
          <li key={`${atUs} ${text}`}>
            <button
              type="button"
              class="mark"
              title={`${text} – show ${around} s before and after`}
              onClick={() => show(model, at - around, at + around)}
              onMouseEnter={() => (model.cursor.value = at)}
              onMouseLeave={() => (model.cursor.value = undefined)}
            >
              <i class="flag" style={{ '--flag': `var(--mark-${kind})` }} aria-hidden="true" />
              <b>{shownClock(at)}</b>
              <span class="mark-text">{text}</span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}
