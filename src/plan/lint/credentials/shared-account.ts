import type TypeScript from 'typescript'
import type { Remark } from '../finding.ts'
import { isLogin, shownRequest, type ScriptFacts } from '../script-facts.ts'

const accountKey = /^(?:e-?mail|user|user_?name|login|account|phone)$/i

/** All users log in as one: one hot row, one session, one cart; or collide by drawing names. */
export function sharedAccount({ requests, syntax }: ScriptFacts): Remark[] {
  const { ts } = syntax
  return requests.filter(isLogin).flatMap(request => {
    const body =
      syntax.property(request.options, 'json') ?? syntax.property(request.options, 'form')
    const object = body === undefined ? undefined : syntax.resolved(body)
    if (object === undefined || !ts.isObjectLiteralExpression(object)) return []
    return object.properties.flatMap((property): Remark[] => {
      if (!accountKey.test(syntax.nameOf(property) ?? '')) return []
      const how = sharing(ts.isPropertyAssignment(property) ? property.initializer : property)
      if (how === undefined) return []
      const message =
        `${how} in ${shownRequest(request)}; give each user its own: ` +
        '`loadtest+${user.id}@example.com`, or a CSV file with give: ' +
        `'unique'`
      return [{ severity: 'warning', message, node: property }]
    })
  })

  function sharing(value: TypeScript.Node): string | undefined {
    const resolved = syntax.resolved(value)
    const text = resolved.getText()
    if (syntax.textOf(value) !== undefined || /^(?:\w+\.)?env\b/.test(text)) {
      return 'all users share one account'
    }
    const drawn = ts.isTemplateExpression(resolved) && /\brandom\.(?:int|oneOf|float)\(/.test(text)
    return drawn && !/\.id\b/.test(text) ? 'users draw their account and will collide' : undefined
  }
}
