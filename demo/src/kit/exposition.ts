/** One line of numbers in Prometheus' text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** NaN and the infinities are values like any other. */
  readonly value: number
  /** Only when the target gave one; most leave it to the scraper's clock. */
  readonly timestampMs?: number
}

export interface Exposition {
  readonly samples: readonly Sample[]
  /** 'counter', 'gauge', 'histogram' and so on, by the family's name. */
  readonly types: ReadonlyMap<string, string>
}

const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const labelPattern = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,?)/y
const closingPattern = /[ \t]*\}/y
const restPattern = /^[ \t]+(\S+)(?:[ \t]+(-?\d+))?[ \t]*(?:#.*)?$/
const typePattern = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)/

/**
 * Reads what a target answers at /metrics (text format 0.0.4; an exemplar of OpenMetrics is passed
 * over). A line that is not in the format fails all of it, as in Prometheus: half a scrape would
 * look like metrics that went away.
 */
export function parseExposition(text: string): Exposition {
  const samples: Sample[] = []
  const types = new Map<string, string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '') continue
    if (line.startsWith('#')) {
      const [, family, type] = typePattern.exec(line) ?? []
      if (family !== undefined && type !== undefined) types.set(family, type)
      continue
    }
    const sample = parseSample(line)
    if (sample === undefined) throw new Error(`line ${index + 1} is not a sample: ${line}`)
    samples.push(sample)
  }
  return { samples, types }
}

function parseSample(line: string): Sample | undefined {
  const name = take(namePattern, line, 0)?.[0]
  if (name === undefined) return undefined
  const read = line[name.length] === '{' ? parseLabels(line, name.length + 1) : undefined
  if (line[name.length] === '{' && read === undefined) return undefined
  const [, valueText, timestamp] = restPattern.exec(line.slice(read?.end ?? name.length)) ?? []
  const value = valueText === undefined ? undefined : parseValue(valueText)
  if (value === undefined) return undefined
  const timed = timestamp === undefined ? {} : { timestampMs: Number(timestamp) }
  return { name, labels: read?.labels ?? {}, value, ...timed }
}

function parseLabels(
  line: string,
  start: number,
): { readonly labels: Record<string, string>; readonly end: number } | undefined {
  // Entries, because a label may be called __proto__.
  const labels: [string, string][] = []
  let at = start
  let mayFollow = true
  for (;;) {
    const close = take(closingPattern, line, at)
    if (close) return { labels: Object.fromEntries(labels), end: at + close[0].length }
    const label: RegExpExecArray | null = mayFollow ? take(labelPattern, line, at) : null
    if (!label) return undefined
    labels.push([label[1] ?? '', unescaped(label[2] ?? '')])
    at += label[0].length
    mayFollow = label[3] === ','
  }
}

function take(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(line)
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
}

function parseValue(text: string): number | undefined {
  const special = /^([+-]?)(nan|inf|infinity)$/i.exec(text)
  if (special) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? -Infinity : Infinity
  }
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
