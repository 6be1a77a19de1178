import type { ComponentChildren } from 'preact'
import { formatCount } from '../../../src/report/index.ts'
import type { RunModel } from '../../data/run-model.ts'

/** What a reader must know before the numbers: an invalid run, warnings, script errors. */
export function Notices({ model }: { readonly model: RunModel }) {
  const { validity, warnings, scriptErrors, item } = model.page.value
  const running = item.state === 'running'
  const { of: overview } = model.overview.value
  // A run that has measured nothing yet is no invalid run.
  const tooEarly = running && overview.requests + overview.iterations === 0
  return (
    <div class="notices">
      {item.state === 'crashed' && item.verdict === undefined && (
        <section class="notice bad" aria-label="Crash">
          <h2>This run has no end</h2>
          <p>
            Its process was killed or lost its machine. All figures are of what was stored until
            then.
          </p>
        </section>
      )}
      {!validity.valid && !tooEarly && (
        <section class="notice warn" aria-label="Validity">
          <h2>
            {running ? 'So far these' : 'These'} numbers speak of the generator, not of the target
          </h2>
          <Lines lines={validity.reasons} />
        </section>
      )}
      {scriptErrors.length > 0 && (
        <section class="notice bad" aria-label="Script errors">
          <h2>The script threw</h2>
          <Lines
            lines={scriptErrors.map(
              ({ scenario, message, count }) => `${formatCount(count)} × ${scenario}: ${message}`,
            )}
          />
        </section>
      )}
      {warnings.length > 0 && (
        <section class="notice" aria-label="Warnings">
          <h2>Worth knowing</h2>
          <Lines lines={warnings} />
        </section>
      )}
    </div>
  )
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul>
      {lines.map(line => (
        <li key={line}>{withOptions(line)}</li>
      ))}
    </ul>
  )
}

/** Options of the command line stay on one line: '--workers' does not break after its dashes. */
function withOptions(text: string): ComponentChildren[] {
  const parts = text.split(/(--[a-z][\w-]*)/)
  return parts.map((part, place) => (place % 2 === 0 ? part : <code class="option">{part}</code>))
}
