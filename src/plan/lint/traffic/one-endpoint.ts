import type { Remark } from '../finding.ts'
import { shownRequest, type ScriptFacts } from '../script-facts.ts'
import { isHealth } from './health-only.ts'

/** One endpoint alone says nothing about what its neighbours do to it. */
export function oneEndpoint({ requests }: ScriptFacts): Remark[] {
  const [first] = requests
  if (first === undefined || requests.some(({ template }) => template === undefined)) return []
  if (new Set(requests.map(shownRequest)).size !== 1 || isHealth(first)) return []
  return [
    {
      severity: 'info',
      message:
        `only ${shownRequest(first)} is loaded; real users mix requests, ` +
        `so add the ones that come before and after it as tasks`,
      node: first.call,
    },
  ]
}
