import type { Remark } from '../finding.ts'
import { isLogin, shownRequest, type ScriptFacts } from '../script-facts.ts'

/** POSTs that ask rather than create. */
const askingPath = /search|query|graphql|presign|validate|preview|quote|log-?out/i

/** What a run creates stays, and makes the next run slower and less comparable. */
export function noCleanup({ requests, calls, files, syntax }: ScriptFacts): Remark[] {
  const write = requests.find(
    request =>
      ['POST', 'PUT'].includes(request.method) &&
      !isLogin(request) &&
      request.template !== undefined &&
      !askingPath.test(request.template),
  )
  if (write === undefined) return []
  const cleansUp =
    requests.some(({ method }) => method === 'DELETE') ||
    calls.some(({ name }) => name === 'cleanup') ||
    files.some(file =>
      [...syntax.descendants(file)].some(node => {
        const isNamed = syntax.ts.isMethodDeclaration(node) || syntax.ts.isPropertyAssignment(node)
        return isNamed && ['onStop', 'teardown'].includes(syntax.nameOf(node) ?? '')
      }),
    )
  if (cleansUp) return []
  return [
    {
      severity: 'info',
      message:
        `${shownRequest(write)} creates things that nothing removes; delete them in onStop, ` +
        `user.cleanup or the plan's teardown, or reset the system between runs`,
      node: write.call,
    },
  ]
}
