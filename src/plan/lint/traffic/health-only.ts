import type { Remark } from '../finding.ts'
import { shownRequest, type ScriptFacts, type WrittenRequest } from '../script-facts.ts'

const healthPath =
  /\/(?:healthz?|health-?check|livez?|liveness|readyz?|readiness|ping|_?status)\/?(?:\?.*)?$/i

export const isHealth = ({ template }: WrittenRequest): boolean =>
  template !== undefined && healthPath.test(template)

/** A health endpoint touches no database and no neighbour: its speed says nothing. */
export function healthOnly({ requests }: ScriptFacts): Remark[] {
  const [first] = requests
  if (first === undefined || !requests.every(isHealth)) return []
  return [
    {
      severity: 'warning',
      message:
        `only a health endpoint (${shownRequest(first)}) is loaded, which does none of the ` +
        `service's work; add what real users ask for`,
      node: first.call,
    },
  ]
}
