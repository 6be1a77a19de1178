import type { RunSummary, ThresholdResult } from '../../metrics/index.ts'
import { formatMeasured, printable } from '../figures.ts'
import { section, type Frame } from './section.ts'
import { fit, padEnd, padStart, widthOf, wrap } from './width.ts'

/** Each threshold with its sign, what was measured, and in words what there is more to say. */
export function thresholdLines({ thresholds }: RunSummary, frame: Frame): string[] {
  const measured = (result: ThresholdResult) => formatMeasured(result.threshold, result.measured)
  const measuredWidth = Math.max(0, ...thresholds.map(result => widthOf(measured(result))))
  const longest = Math.max(
    0,
    ...thresholds.map(({ threshold }) => widthOf(printable(threshold.expression))),
  )
  const expressionWidth = Math.min(longest, frame.width - measuredWidth - 8)
  const lines = thresholds.flatMap(result => {
    const colour = result.ok ? frame.paint.green : frame.paint.red
    const expression = fit(printable(result.threshold.expression), expressionWidth)
    const value = padStart(measured(result), measuredWidth)
    return [
      `  ${colour(result.ok ? '✓' : '✗')} ${padEnd(expression, expressionWidth)}  ` +
        (result.ok ? value : frame.paint.red(value)),
      ...noteLines(result, frame),
    ]
  })
  return section('Thresholds', lines, frame)
}

function noteLines({ note }: ThresholdResult, { paint, width }: Frame): string[] {
  if (note === undefined) return []
  return wrap(printable(note), width - 4).map(line => `    ${paint.dim(line)}`)
}
