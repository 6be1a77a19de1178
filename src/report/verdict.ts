import { formatDurationUs, type ExitName } from '../base/index.ts'
import type { RunSummary } from '../metrics/index.ts'
import { endOf, formatRatio, ratioOf } from './figures.ts'

const words: Readonly<Partial<Record<ExitName, string>>> = {
  pass: 'PASSED',
  threshold: 'FAILED',
  regression: 'REGRESSED',
  inconclusive: 'INCONCLUSIVE',
  invalid: 'INVALID',
  script: 'SCRIPT ERRORS',
  aborted: 'ABORTED',
  guard: 'REFUSED',
  internal: 'CRASHED',
}

export interface Verdict {
  readonly passed: boolean
  /** 'PASSED', 'FAILED', 'INVALID', ... */
  readonly word: string
  /** Why, in a sentence without a full stop. */
  readonly because: string
  readonly exitCode: number
}

/** What a run came to, in a word and in a sentence. */
export function verdictOf(summary: RunSummary): Verdict {
  const { name, code } = endOf(summary)
  return {
    passed: name === 'pass',
    word: words[name] ?? name.toUpperCase(),
    because: because(summary, name),
    exitCode: code,
  }
}

function because(summary: RunSummary, end: ExitName): string {
  const { thresholds, scriptErrors, run, baseline } = summary
  const failed = thresholds.filter(({ ok }) => !ok).length
  switch (end) {
    case 'internal':
      return run.endReason ?? 'the run ended by a bug of Loadstone'
    case 'guard':
    case 'aborted':
      return run.endReason ?? 'the run was ended early'
    case 'script': {
      const count = scriptErrors.reduce((sum, error) => sum + error.count, 0)
      return `the script threw ${times(count)}`
    }
    case 'invalid':
      return 'the figures do not describe the target'
    case 'threshold':
      return `${failed} of ${plural(thresholds.length, 'threshold')} failed`
    case 'regression':
      return `worse than the baseline: ${baseline?.because ?? ''}`
    case 'inconclusive':
      return `the comparison with the baseline cannot tell: ${baseline?.because ?? ''}`
    default: {
      const compared = baseline === undefined ? '' : `; ${compareWords[baseline.verdict]}`
      return `${passed(summary)}${compared}`
    }
  }
}

const compareWords = {
  ...{ regressed: 'worse than the baseline', improved: 'better than the baseline' },
  ...{ equivalent: 'as good as the baseline', inconclusive: 'no verdict against the baseline' },
}

function passed(summary: RunSummary): string {
  const { thresholds } = summary
  if (thresholds.length === 0) return unjudged(summary)
  return thresholds.length === 1 ? 'the threshold held' : `all ${thresholds.length} thresholds held`
}

/** Nobody asked for less, so it passes; that much failed is said all the same. */
function unjudged({ totals }: RunSummary): string {
  if (totals.failures === 0) return 'no threshold was set'
  const share = formatRatio(ratioOf(totals.failures, totals.requests))
  return `no threshold was set, though ${share} of the exchanges failed`
}

/** The generator's own figures in one sentence, for a run that is valid. */
export function validitySentence({ validity, run }: RunSummary): string {
  const { startDelay, eventLoopDelay, eventLoopUtilization } = validity
  const parts = [`event loop ${formatRatio(eventLoopUtilization)} busy`]
  if (run.model !== 'closed' && startDelay.count > 0) {
    parts.push(`start delay p99 ${formatDurationUs(startDelay.percentileUs(99))}`)
  }
  if (eventLoopDelay.count > 0) {
    parts.push(`event-loop delay p99 ${formatDurationUs(eventLoopDelay.percentileUs(99))}`)
  }
  return `Valid: the generator was not the limit (${parts.join(', ')}).`
}

export function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
