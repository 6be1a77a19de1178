export {
  formatClock,
  formatCount,
  formatMeasured,
  formatMs,
  formatNumber,
  formatRatio,
  formatSpan,
  modelLabel,
} from './figures.ts'
export type { Paint } from './paint.ts'
export type { Verdict } from './verdict.ts'
export { summaryText, type SummaryOptions } from './terminal/summary.ts'
export { tableLines, type Cell, type Column, type TableOptions } from './terminal/table.ts'
export { LiveFigures } from './terminal/live-figures.ts'
export {
  liveFrame,
  liveLine,
  type LiveFrameOptions,
  type LiveMoment,
} from './terminal/live-table.ts'
export { summaryJson } from './files/json.ts'
export { locustCsv, type CsvFile, type CsvOptions } from './files/csv.ts'
export { junitXml } from './files/junit.ts'
export { markdownReport } from './files/markdown.ts'
export { annotationsOf, type Annotated } from './files/annotations.ts'
export { hdrLog, percentileTable } from './files/hdr-log.ts'
export type { Deflate } from './files/hdr-bytes.ts'
export * from './families/index.ts'
export { htmlReport, type HtmlReportOptions } from './html/html-report.ts'
export type { DeflateRaw } from './html/packed-seconds.ts'
export { GatheredSeconds } from './html/gathered-seconds.ts'
export * from './comparison/index.ts'
