import type TypeScript from 'typescript'
import type { Remark } from '../finding.ts'
import type { ScriptFacts } from '../script-facts.ts'

/** Texts that are secrets wherever they stand. */
const secretTexts: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/],
  ['a bearer token', /^Bearer\s+[\w.~+/-]{16,}=*$/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a service token', /\b(?:sk_live|rk_live|ghp|gho|glpat|xox[abprs])[_-][\w-]{16,}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
]
const secretName = /authorization|api-?_?key|secret|access-?_?token|^token$|x-auth/i
/** Long, with letters and digits, and not obviously made up. */
const looksSecret = /^(?=.*[a-z])(?=.*\d)[\w.~+/=-]{20,}$/i
const looksMadeUp = /demo|test|example|dummy|fake|sample|placeholder|changeme|your[-_]/i

/** A secret in a script ends up in the repository, the bundle and every stored run. */
export function secretInSource({ files, syntax }: ScriptFacts): Remark[] {
  const { ts } = syntax
  return files.flatMap(file =>
    [...syntax.descendants(file)].flatMap((node): Remark[] => {
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return []
      const what = secretTexts.find(([, pattern]) => pattern.test(node.text))?.[0] ?? keyed(node)
      if (what === undefined || looksMadeUp.test(node.text)) return []
      const message = `${what} in the source; pass it with -e KEY=... and read user.env.KEY`
      return [{ severity: 'warning', message, node }]
    }),
  )

  /** The value of a header or property that is named like a secret; a default of `??` is not. */
  function keyed(node: TypeScript.Node & { readonly text: string }): string | undefined {
    const value = node.text.replace(/^(?:Bearer|Basic|Token|Api-?Key)\s+/i, '')
    if (!looksSecret.test(value)) return undefined
    const { parent } = node
    const name = ts.isPropertyAssignment(parent)
      ? syntax.nameOf(parent)
      : ts.isCallExpression(parent) && (parent.arguments[1] as TypeScript.Node | undefined) === node
        ? syntax.textOf(parent.arguments[0])
        : undefined
    return name !== undefined && secretName.test(name)
      ? `what looks like a key (${name})`
      : undefined
  }
}
