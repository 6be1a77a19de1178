import { formatCount } from '../../../src/report/index.ts'
import type { RunModel } from '../../data/run-model.ts'

/** What a reader must know before the numbers: an invalid run, warnings, script errors. */
export function Notices({ model }: { readonly model: RunModel }) {
  const { validity, warnings, scriptErrors } = model.page.value
  return (
    <div class="notices">
      {!validity.valid && (
        <section class="notice warn" aria-label="Validity">
          <h2>These numbers speak of the generator, not of the target</h2>
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
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}
