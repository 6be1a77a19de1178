import type { KeptSample, Timings } from '../../../src/metrics/index.ts'
import { latencyUs } from '../../data/name-totals.ts'
import { shownClock, shownUs } from '../../data/shown.ts'

/** Phases of an exchange in the order of time, with the start delay before them. */
const phases = [
  { label: 'start delay', colour: '--phase-delay' },
  { label: 'DNS', colour: '--phase-dns' },
  { label: 'connect', colour: '--phase-connect' },
  { label: 'TLS', colour: '--phase-tls' },
  { label: 'first byte', colour: '--phase-wait' },
  { label: 'download', colour: '--phase-download' },
] as const

/** Samples that were kept whole: the first that failed and the slowest that did not. */
export function Samples({ samples }: { readonly samples: readonly KeptSample[] }) {
  if (samples.length === 0) return null
  const ordered = [...samples].sort(
    (a, b) => a.why.localeCompare(b.why) || latencyUs(b) - latencyUs(a),
  )
  const longestUs = Math.max(...samples.map(latencyUs))
  return (
    <section aria-label="Kept samples">
      <div class="section-head">
        <h4>Kept samples</h4>
        <PhaseLegend />
      </div>
      <ol class="samples" tabIndex={0} aria-label="Kept samples, the failed ones first">
        {ordered.map(sample => (
          <Sample
            key={`${sample.worker} ${sample.userId} ${sample.startedAtUs}`}
            {...{ sample, longestUs }}
          />
        ))}
      </ol>
    </section>
  )
}

function PhaseLegend() {
  return (
    <div class="readout" aria-hidden="true">
      {phases.map(({ label, colour }) => (
        <span key={label} class="readout-one">
          <i class="swatch" style={{ '--swatch': `var(${colour})` }} />
          {label}
        </span>
      ))}
    </div>
  )
}

function Sample({
  sample,
  longestUs,
}: {
  readonly sample: KeptSample
  readonly longestUs: number
}) {
  const { why, status, failure, traceId, timings, exchange } = sample
  return (
    <li class="sample">
      <span class={why === 'failed' ? 'chip bad' : 'chip'}>{why}</span>
      <span class="mono">{shownClock(sample.endedAtUs / 1e6)}</span>
      <b class="number">{shownUs(latencyUs(sample))}</b>
      <span class="reason">{failure ?? (status > 0 ? `status ${status}` : '')}</span>
      {timings && <Bar sample={sample} timings={timings} longestUs={longestUs} />}
      <span class="soft mono trace">
        user {sample.userId}, iteration {sample.iteration}
        {traceId && ` · trace ${traceId}`}
      </span>
      {exchange && (
        <details>
          <summary>
            {exchange.method} <span class="mono">{exchange.url}</span>
          </summary>
          <Headers title="Request" headers={exchange.requestHeaders} />
          <Headers title="Answer" headers={exchange.responseHeaders} />
        </details>
      )}
    </li>
  )
}

function Headers(props: {
  readonly title: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}) {
  if (props.headers.length === 0) return null
  return (
    <>
      <p class="soft">{props.title}</p>
      <dl class="environment">
        {props.headers.map(([name, value], place) => (
          <div key={place}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function Bar(props: {
  readonly sample: KeptSample
  readonly timings: Timings
  readonly longestUs: number
}) {
  const { sample, timings, longestUs } = props
  const values = [
    sample.startedAtUs - sample.intendedAtUs,
    timings.dnsUs,
    timings.connectUs,
    timings.tlsUs,
    timings.firstByteUs,
    timings.downloadUs,
  ]
  const parts = phases.map((phase, place) => ({ ...phase, us: values[place] ?? 0 }))
  const words = parts.filter(({ us }) => us > 0).map(({ label, us }) => `${label} ${shownUs(us)}`)
  return (
    <span class="timing" role="img" aria-label={words.join(', ')} title={words.join('\n')}>
      {parts.map(({ label, colour, us }) => (
        <i
          key={label}
          style={{ width: `${(us / longestUs) * 100}%`, background: `var(${colour})` }}
        />
      ))}
    </span>
  )
}
