export { plainPaint, type Paint } from './paint.ts'
export { verdictOf, type Verdict } from './verdict.ts'
export { summaryText, type SummaryOptions } from './terminal/summary.ts'
export { LiveFigures } from './terminal/live-figures.ts'
export {
  liveFrame,
  liveLine,
  type LiveFrameOptions,
  type LiveMoment,
} from './terminal/live-table.ts'
