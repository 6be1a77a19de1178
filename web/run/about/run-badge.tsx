import type { RunItem } from '../../../src/server/api.ts'

interface Look {
  readonly text: string
  readonly tone: 'good' | 'bad' | 'warn' | 'live'
  readonly sign: string
}

const verdicts: Readonly<Record<string, Look>> = {
  pass: { text: 'passed', tone: 'good', sign: '✓' },
  threshold: { text: 'thresholds failed', tone: 'bad', sign: '✕' },
  regression: { text: 'regressed', tone: 'bad', sign: '✕' },
  script: { text: 'script errors', tone: 'bad', sign: '✕' },
  invalid: { text: 'invalid: generator was the limit', tone: 'warn', sign: '!' },
  inconclusive: { text: 'inconclusive', tone: 'warn', sign: '?' },
  aborted: { text: 'aborted', tone: 'warn', sign: '■' },
  guard: { text: 'host refused', tone: 'warn', sign: '■' },
  internal: { text: 'crashed', tone: 'bad', sign: '✕' },
}

const states: Readonly<Record<RunItem['state'], Look>> = {
  running: { text: 'running', tone: 'live', sign: '●' },
  finished: { text: 'finished', tone: 'good', sign: '✓' },
  aborted: { text: 'aborted', tone: 'warn', sign: '■' },
  crashed: { text: 'crashed', tone: 'bad', sign: '✕' },
}

/** The verdict of a run, or its state while there is none; never by colour alone. */
export function RunBadge({ item }: { readonly item: Pick<RunItem, 'state' | 'verdict'> }) {
  const { state, verdict } = item
  const judged = state === 'running' || verdict === undefined ? undefined : verdict
  const look =
    judged === undefined
      ? states[state]
      : (verdicts[judged] ?? { text: judged, tone: 'warn', sign: '•' })
  return (
    <span class={`badge ${look.tone}`}>
      <span aria-hidden="true">{look.sign}</span> {look.text}
    </span>
  )
}
