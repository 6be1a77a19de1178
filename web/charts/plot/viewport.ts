import type { Range, RunModel } from '../../data/run-model.ts'

/** A run that has just begun is drawn on an axis of this many seconds. */
const shortestAxis = 30

/** The stretch of time that the charts show. */
export function shownStretch(model: RunModel): Range {
  const { value: range } = model.range
  if (range) return range
  const { value: points } = model.points
  const last = points.at(-1)
  const end = last === undefined ? 0 : last.index + last.seconds
  const { state, durationUs } = model.page.value.item
  if (state === 'running') return { from: 0, to: Math.max(end, shortestAxis) }
  return { from: 0, to: Math.max(Math.min(end, durationUs / 1e6), 1) }
}

/** The whole run on the axis. */
const wholeOf = (model: RunModel): Range => {
  const { item } = model.page.peek()
  const to = Math.max(model.next, Math.ceil(item.durationUs / 1e6), 1)
  return { from: 0, to: item.state === 'running' ? Math.max(to, shortestAxis) : to }
}

/** Selects [from, to), kept within the run; all of it is no selection. */
export function show(model: RunModel, from: number, to: number): void {
  const whole = wholeOf(model)
  const length = Math.max(1, Math.min(Math.round(to - from), whole.to))
  const start = Math.max(0, Math.min(Math.round(from), whole.to - length))
  const all = start === 0 && length >= whole.to
  model.select(all ? undefined : { from: start, to: start + length })
}

/** Makes the stretch `factor` times as long, around its middle or `around`. */
export function zoom(model: RunModel, factor: number, around?: number): void {
  const { from, to } = shownStretch(model)
  const centre = around ?? (from + to) / 2
  show(model, centre - (centre - from) * factor, centre + (to - centre) * factor)
}

/** Moves the stretch by a share of its length. */
export function pan(model: RunModel, share: number): void {
  if (!model.range.peek()) return
  const { from, to } = shownStretch(model)
  const by = share * (to - from)
  const steps = by < 0 ? Math.floor(by) : Math.ceil(by)
  show(model, from + steps, to + steps)
}

const keys: Readonly<Record<string, (model: RunModel) => void>> = {
  '+': model => zoom(model, 0.5),
  '=': model => zoom(model, 0.5),
  '-': model => zoom(model, 2),
  ArrowLeft: model => pan(model, -0.2),
  ArrowRight: model => pan(model, 0.2),
  '0': model => model.select(undefined),
  Escape: model => model.select(undefined),
}

/** Zooming and panning by keyboard, for an element that holds charts. */
export function onChartKey(model: RunModel, event: KeyboardEvent): void {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
  if (!act) return
  event.preventDefault()
  event.stopPropagation()
  act(model)
}
