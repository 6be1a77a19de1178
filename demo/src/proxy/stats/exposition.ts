import type { Histogram } from './histogram.ts'

export type Labels = Readonly<Record<string, string>>

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly lines: string[]
}

/**
 * A page in Prometheus' text format, built anew at each scrape from plain numbers: counting must
 * cost next to nothing in a proxy, reading may. Names are exactly those given: Envoy's counters do
 * not end in _total as a rule.
 */
export class Exposition {
  readonly #families = new Map<string, Family>()

  counter(name: string, value: number, labels: Labels = {}): void {
    this.#family(name, 'counter').push(`${name}${braced(labels)} ${value}`)
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    this.#family(name, 'gauge').push(`${name}${braced(labels)} ${value}`)
  }

  histogram(name: string, histogram: Histogram, labels: Labels = {}): void {
    const lines = this.#family(name, 'histogram')
    const inner = text(labels)
    const before = inner === '' ? '' : `${inner},`
    for (const [bound, count] of histogram.cumulative()) {
      lines.push(`${name}_bucket{${before}le="${bound}"} ${count}`)
    }
    lines.push(`${name}_sum${braced(labels)} ${histogram.sum}`)
    lines.push(`${name}_count${braced(labels)} ${histogram.count}`)
  }

  toString(): string {
    const pages = [...this.#families].map(
      ([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join('\n')}\n`,
    )
    return pages.join('')
  }

  #family(name: string, type: Family['type']): string[] {
    let family = this.#families.get(name)
    if (!family) this.#families.set(name, (family = { type, lines: [] }))
    return family.lines
  }
}

function braced(labels: Labels): string {
  const inner = text(labels)
  return inner === '' ? '' : `{${inner}}`
}

function text(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
