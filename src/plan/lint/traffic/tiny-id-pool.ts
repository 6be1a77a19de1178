import type TypeScript from 'typescript'
import type { Remark } from '../finding.ts'
import type { ScriptFacts } from '../script-facts.ts'

const fewest = 10
const idName = /(?:^|_)(?:id|sku|slug|uuid|isbn|ean)s?$|(?:Id|Sku|Slug|Uuid)s?$/
/** 'sku-1001', 'ord-784512', '42': letters perhaps, then digits. */
const idText = /^[a-z-_]*\d{2,}$/i

/** Three ids are in every cache after three requests, and one hot row serves all users. */
export function tinyIdPool({ calls, syntax }: ScriptFacts): Remark[] {
  const { ts } = syntax
  return calls
    .filter(({ name, receiver }) => name === 'oneOf' && /(?:^|\.)random$/.test(receiver))
    .flatMap(({ call }) => {
      const [argument] = call.arguments
      const list = argument === undefined ? undefined : syntax.resolved(argument)
      if (list === undefined || !ts.isArrayLiteralExpression(list)) return []
      if (list.elements.length >= fewest || list.elements.some(ts.isSpreadElement)) return []
      if (!isIdList(list, call)) return []
      const remark: Remark = {
        severity: 'info',
        message:
          `only ${list.elements.length} ids to draw from: after a moment everything comes from ` +
          `caches, and writes meet in the same rows; use a CSV file or a larger range`,
        node: call,
      }
      return [remark]
    })

  function isIdList(list: TypeScript.ArrayLiteralExpression, call: TypeScript.Node): boolean {
    const property = call.parent
    const name = ts.isPropertyAssignment(property) ? syntax.nameOf(property) : undefined
    if (name !== undefined && idName.test(name)) return true
    const texts = list.elements.map(element => syntax.textOf(element))
    return texts.length > 0 && texts.every(text => text !== undefined && idText.test(text))
  }
}
