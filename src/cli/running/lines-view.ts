import type { Clock } from '../../base/index.ts'
import { liveLine, LiveFigures } from '../../report/index.ts'
import type { Output } from '../terminal/output.ts'
import type { RunView } from './run-view.ts'
import type { LiveFacts } from './table-view.ts'

/** One line every now and then, for files, pipes and CI: often at first, rarely in a long run. */
export function linesView(facts: LiveFacts, output: Output, clock: Clock): RunView {
  const figures = new LiveFigures()
  let runningSinceUs = clock.nowUs()
  return {
    wantsKeys: false,
    phase: text => {
      if (text === 'running') runningSinceUs = clock.nowUs()
      output.line(text)
    },
    second: ({ point }) => {
      figures.add(point)
      if (!isTold(point.index + 1)) return
      const elapsedUs = Math.min(clock.nowUs() - runningSinceUs, (point.index + 1) * 1e6)
      // What is left after the last whole second would be shown as if it were one.
      if (point.index > 0 && elapsedUs < (point.index + 0.5) * 1e6) return
      output.line(liveLine(figures, { ...facts, elapsedUs }))
    },
    paused: () => {},
    log: (level, message) => {
      if (level === 'info') output.line(message)
      else output.note(`${level}: ${message}`)
    },
    close: () => {},
  }
}

/** Seconds 1 to 5, then every fifth, after five minutes every thirtieth. */
export function isTold(second: number): boolean {
  if (second <= 5) return true
  return second <= 300 ? second % 5 === 0 : second % 30 === 0
}
