import type { Remark } from '../finding.ts'
import { shownRequest, type ScriptFacts } from '../script-facts.ts'

/** `/orders/${id}` makes a series of its own for every id, until they are folded into (other). */
export function valueInTemplate({ requests, syntax }: ScriptFacts): Remark[] {
  return requests
    .filter(({ templateNode, options, isOpaque }) => {
      if (templateNode === undefined || isOpaque) return false
      // A value at the very start is a base URL or a whole URL, the same for all.
      const inside = syntax.ts.isTemplateExpression(templateNode) && templateNode.head.text !== ''
      return inside && syntax.property(options, 'name') === undefined
    })
    .map(request => ({
      severity: 'warning',
      message:
        `${shownRequest(request)} gets a series for every value; write ':id' in the path and ` +
        `params: { id }, or give it a name`,
      node: request.call,
    }))
}
