import { createLogUpdate } from 'log-update'
import { messageOf, type Clock } from '../../base/index.ts'
import { liveFrame, LiveFigures } from '../../report/index.ts'
import type { Output } from '../terminal/output.ts'
import type { RunView } from './run-view.ts'

/** At most four pictures a second. */
const repaintPeriodUs = 250_000

export interface LiveFacts {
  readonly script: string
  readonly model: 'open' | 'closed' | 'mixed'
  /** Planned length, µs; undefined when the run ends by a number of iterations. */
  readonly durationUs: number | undefined
  /** Whether w and s mean something: there is a load by users. */
  readonly usersCanChange: boolean
  /** Whether Enter opens something. */
  readonly hasDashboard: boolean
}

/** A table that is drawn over itself while the run lasts; log lines appear above it. */
export function tableView(facts: LiveFacts, output: Output, clock: Clock): RunView {
  const draw = createLogUpdate(output.stdout)
  const figures = new LiveFigures()
  const userKeys = facts.usersCanChange ? 'w/W users +1/+10 · s/S -1/-10 · ' : ''
  const keys = `${userKeys}p pause · ${facts.hasDashboard ? 'Enter dashboard · ' : ''}Ctrl-C stop`
  let phase = ''
  let runningSinceUs: number | undefined
  let paused = false
  let lines: string[] = []
  let isOpen = true
  let cancel = () => {}

  const frame = () => {
    if (runningSinceUs === undefined) return `\n  ${output.colors.dim(`${phase} ...`)}`
    return liveFrame(figures, {
      ...facts,
      elapsedUs: clock.nowUs() - runningSinceUs,
      ...{ width: output.width, height: output.height, paint: output.colors },
      status: phase === 'running' ? (paused ? 'paused; p goes on' : undefined) : phase,
      keys,
    })
  }
  // Lines wait for the next picture: printed at once, each would make the table flicker.
  const printLines = () => {
    if (lines.length > 0) draw.persist(lines.join('\n'))
    lines = []
  }
  const paint = () => {
    try {
      printLines()
      draw(frame())
    } catch (thrown) {
      // A table that cannot be drawn must not end a run that measures well.
      close()
      output.note(`warning: the live table stopped: ${messageOf(thrown)}`)
    }
  }
  const repaint = () => {
    paint()
    if (isOpen) cancel = clock.after(repaintPeriodUs, repaint)
  }
  const close = () => {
    if (!isOpen) return
    isOpen = false
    cancel()
    output.setAbove(undefined)
    printLines()
    draw.clear()
    draw.done()
  }
  output.setAbove(text => lines.push(text))
  repaint()
  return {
    wantsKeys: true,
    phase: text => {
      phase = text
      if (text === 'running') runningSinceUs = clock.nowUs()
    },
    second: ({ point }) => figures.add(point),
    paused: now => {
      paused = now
    },
    log: (level, message) => {
      output.line(level === 'info' ? message : `${level}: ${message}`)
    },
    close,
  }
}
