import type { RunSummary } from '../../metrics/index.ts'
import { measuresOf, type ComparisonReport } from '../comparison/comparison-report.ts'
import { changeWords } from '../comparison/comparison-words.ts'
import { formatMeasured } from '../figures.ts'

/** GitHub shows ten of each kind for a step. */
const perKindMax = 10

export interface Annotated {
  /** Absent for a comparison alone. */
  readonly summary?: RunSummary
  readonly comparison?: ComparisonReport | undefined
  /** "Cannot tell" is an error. */
  readonly strict: boolean
}

interface Annotation {
  readonly kind: 'error' | 'warning'
  readonly title: string
  readonly text: string
  /** 'checkout.ts:12:9' */
  readonly place?: string
}

/**
 * Lines by which a step of GitHub Actions tells what failed, so that it is shown on the pull
 * request; none unless the environment says that GitHub Actions reads them.
 */
export function annotationsOf(
  annotated: Annotated,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  if (environment['GITHUB_ACTIONS'] !== 'true') return []
  const all = [...ofSummary(annotated.summary), ...ofComparison(annotated)]
  return (['error', 'warning'] as const).flatMap(kind => {
    const ofKind = all.filter(one => one.kind === kind)
    const shown = ofKind.length > perKindMax ? ofKind.slice(0, perKindMax - 1) : ofKind
    const hidden = ofKind.length - shown.length
    const text = `${hidden} more; the summary of the job has them all`
    const more = hidden > 0 ? [{ kind, title: 'Loadstone', text }] : []
    return [...shown, ...more].map(lineOf)
  })
}

function ofSummary(summary: RunSummary | undefined): Annotation[] {
  if (summary === undefined) return []
  const { thresholds, validity, scriptErrors } = summary
  const broken = thresholds.filter(({ ok }) => !ok)
  return [
    ...broken.map(({ threshold, measured, note }) => {
      const more = note === undefined ? '' : `; ${note}`
      const text = `${threshold.expression}: measured ${formatMeasured(threshold, measured)}${more}`
      return { kind: 'error', title: 'Threshold failed', text } as const
    }),
    ...(validity.valid ? [] : validity.reasons).map(text => {
      return { kind: 'error', title: 'The run is not valid', text } as const
    }),
    ...scriptErrors.map(({ message, count }) => {
      const [place] = /^[^\s:]+:\d+:\d+(?=: )/.exec(message) ?? []
      const text = `${message} (${count} times)`
      return { kind: 'error', title: 'Error in the script', text, ...(place && { place }) } as const
    }),
  ]
}

function ofComparison({ comparison: report, strict }: Annotated): Annotation[] {
  if (report === undefined) return []
  const { verdict, because, base } = report
  if (verdict === 'regressed') {
    const rows = measuresOf(report.comparison, 'regressed')
    const title = `Slower or failing more than run ${base.id}`
    return rows.map(row => ({ kind: 'error', title, text: changeWords(row) }))
  }
  if (verdict !== 'inconclusive') return []
  const title = `The comparison with run ${base.id} cannot tell`
  return [{ kind: strict ? 'error' : 'warning', title, text: because }]
}

function lineOf({ kind, title, text, place }: Annotation): string {
  const [file, line, col] = place?.split(':') ?? []
  const properties = { ...(file && { file, line, col }), title: `Loadstone: ${title}` }
  const written = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`)
  return `::${kind} ${written.join(',')}::${data(text)}`
}

/** As the runner reads it back: text from a target can neither end a line nor begin a command. */
const data = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string | undefined) =>
  data(text ?? '')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C')
