import type uPlot from 'uplot'
import type { RunModel } from '../../data/run-model.ts'
import { pan, show, shownStretch, zoom } from './viewport.ts'

type Bind = NonNullable<NonNullable<uPlot.Cursor>['bind']>

/** Drag zooms, shift and drag pans, double click shows everything. */
export function bindings(model: RunModel): Bind {
  return {
    mousedown: (plot, _target, handler) => event => {
      if (!event.shiftKey) {
        handler(event)
        return null
      }
      dragToPan(model, plot, event)
      return null
    },
    dblclick: () => () => {
      model.select(undefined)
      return null
    },
  }
}

/** A finger that moves sideways zooms, as a mouse that drags; up and down it scrolls the page. */
export function listenToTouch(plot: uPlot): void {
  const { over } = plot
  let startedAt: number | undefined
  const draw = (to: number, done: boolean) => {
    const from = startedAt ?? to
    const [left, width] = [Math.min(from, to), Math.abs(to - from)]
    plot.setSelect({ left, width, top: 0, height: over.clientHeight }, done)
  }
  const within = (clientX: number) => {
    const { left, width } = over.getBoundingClientRect()
    return Math.max(0, Math.min(width, clientX - left))
  }
  const on = (name: 'pointerdown' | 'pointermove' | 'pointerup', act: (x: number) => void) =>
    over.addEventListener(name, event => {
      if (event.pointerType === 'touch' && event.isPrimary) act(within(event.clientX))
    })
  on('pointerdown', x => (startedAt = x))
  on('pointermove', x => startedAt !== undefined && draw(x, false))
  on('pointerup', x => {
    draw(x, true)
    startedAt = undefined
  })
  over.addEventListener('pointercancel', () => {
    startedAt = undefined
    draw(0, false)
  })
}

function dragToPan(model: RunModel, plot: uPlot, start: MouseEvent): void {
  const { from, to } = shownStretch(model)
  const secondsPerPixel = (to - from) / plot.over.clientWidth
  const move = ({ clientX }: MouseEvent) => {
    const by = (start.clientX - clientX) * secondsPerPixel
    show(model, from + by, to + by)
  }
  const end = () => {
    removeEventListener('mousemove', move)
    removeEventListener('mouseup', end)
  }
  addEventListener('mousemove', move)
  addEventListener('mouseup', end)
}

/** Sideways and shifted wheels pan, pinching zooms; a plain wheel scrolls the page as ever. */
export function listenToWheel(model: RunModel, plot: uPlot): void {
  const turned = (event: WheelEvent) => {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
    if (event.ctrlKey) {
      const at = plot.posToVal(event.offsetX, 'x')
      zoom(model, event.deltaY > 0 ? 1.25 : 0.8, at)
    } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      if (!model.range.peek()) return
      pan(model, Math.sign(sideways) * 0.1)
    } else return
    event.preventDefault()
  }
  plot.over.addEventListener('wheel', turned, { passive: false })
}
