import type { Remark } from '../finding.ts'
import { shownRequest, type ScriptFacts, type WrittenRequest } from '../script-facts.ts'

const credentialHeader =
  /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth.*)$/i

/** Credentials of the target in a request to somebody else: a storage, a payment page. */
export function authorizationLeak({ requests, syntax, origins }: ScriptFacts): Remark[] {
  return requests.filter(goesElsewhere).flatMap((request): Remark[] => {
    const where = shownRequest(request)
    const advice = `send only what that origin needs`
    if (syntax.textOf(syntax.property(request.options, 'credentials')) === 'include') {
      const message = `credentials: 'include' sends session headers elsewhere (${where}); ${advice}`
      return [{ severity: 'warning', message, node: request.call }]
    }
    const headers = syntax.property(request.options, 'headers')
    const object = headers === undefined ? undefined : syntax.resolved(headers)
    if (object === undefined || !syntax.ts.isObjectLiteralExpression(object)) return []
    const name = object.properties
      .map(property => syntax.nameOf(property))
      .find(one => one !== undefined && credentialHeader.test(one))
    if (name === undefined) return []
    const message = `${name} goes to another origin (${where}); ${advice}`
    return [{ severity: 'warning', message, node: request.call }]
  })

  /** An absolute URL of no target, or a variable that is called a URL. */
  function goesElsewhere({ template, templateNode }: WrittenRequest): boolean {
    if (template === undefined)
      return /(?:url|uri|href|location)$/i.test(templateNode?.getText() ?? '')
    if (!/^https?:\/\//i.test(template)) return false
    const origin = URL.parse(template)?.origin
    return origin === undefined || !origins.includes(origin)
  }
}
