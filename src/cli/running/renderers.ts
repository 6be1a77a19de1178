import type { ExitName } from '../../base/index.ts'
import type { RunSummary } from '../../metrics/index.ts'
export const renderJson = (s: RunSummary, v: ExitName) => JSON.stringify([v, s.totals])
export const renderJunit = (_: RunSummary) => ''
export const renderMarkdown = (_: RunSummary, _v: ExitName) => ''
export const renderCsv = (_: RunSummary): [string, string][] => []
export const renderHdr = (_: RunSummary): [string, string][] => []
