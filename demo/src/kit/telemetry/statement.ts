/** A database statement as telemetry names it. */
export interface Statement {
  /** Its name on each connection: the text is planned once there. */
  readonly name: string
  readonly text: string
  /** What it does: 'select', 'update'. A statement that writes is named after its first write. */
  readonly operation: string
  /** Operations and tables in their order, few enough to group by: 'insert orders select stock'. */
  readonly summary: string
}

const summaryLengthMax = 255
const cachedMax = 1_000

/** Comments and quoted text, in which a keyword means nothing. */
const silent = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g
const table = String.raw`(?:only\s+)?([a-z_][\w.]*)`
const parts = new RegExp(
  [
    String.raw`\b(select)\b`,
    String.raw`\b(insert)\s+into\s+([\w.]+)`,
    String.raw`\b(delete)\s+from\s+${table}`,
    // Not the lock of 'for update', nor what 'on conflict do update' does to the same table.
    String.raw`(?<!\b(?:for|do|key)\s+)\b(update)\s+${table}`,
    // What has a parenthesis behind it is a function or a subquery.
    String.raw`(?<!\bdistinct\s+)\b(?:from|join|using)\s+(?!lateral\b)${table}\b(?!\s*\()`,
  ].join('|'),
  'gi',
)

/** Describes each text once; the texts are constants of the services. */
export class KnownStatements {
  readonly #known = new Map<string, Statement>()
  #count = 0

  of(text: string): Statement {
    let known = this.#known.get(text)
    if (known === undefined) {
      known = { name: `s${this.#count}`, text, ...describe(text) }
      this.#count += 1
      if (this.#known.size < cachedMax) this.#known.set(text, known)
    }
    return known
  }
}

function describe(text: string): Pick<Statement, 'operation' | 'summary'> {
  const found = [...text.replace(silent, ' ').matchAll(parts)].map(match =>
    match.slice(1).filter(part => part !== undefined),
  )
  const operations = found.flatMap(words => (isOperation(words[0]) ? [words[0]] : []))
  const write = operations.find(word => word.toLowerCase() !== 'select')
  const first = /^\s*(\w+)/.exec(text)?.[1] ?? ''
  const operation = (write ?? operations[0] ?? first).toLowerCase()
  const summary = found.flat().join(' ') || operation
  return { operation, summary: summary.slice(0, summaryLengthMax) }
}

function isOperation(word: string | undefined): word is string {
  return word !== undefined && /^(select|insert|update|delete)$/i.test(word)
}
