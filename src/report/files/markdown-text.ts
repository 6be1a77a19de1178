import { printable } from '../figures.ts'

/** A table, '' without rows. A head that begins with '>' is a column of numbers. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = heads.map(text => (text.startsWith('>') ? '---:' : '---'))
  const names = heads.map(text => text.replace(/^>/, ''))
  return [line(names), line(rule), ...rows.map(line)].join('\n')
}

/**
 * Text from outside: neither markup, nor HTML, nor the end of a table's cell, nor a new line; and a
 * target that says '@someone' calls nobody: a space of no width keeps it from being a name.
 */
export function escape(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
}

/** Code in a cell: a fence longer than any run of backticks inside, and no bare '|'. */
export function code(text: string): string {
  const inner = printable(text).replaceAll('|', '\\|')
  const longest = Math.max(0, ...[...inner.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest > 0 ? `${fence} ${inner} ${fence}` : `${fence}${inner}${fence}`
}
