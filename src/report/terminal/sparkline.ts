const levels = '▁▂▃▄▅▆▇█'

/**
 * One character a value, scaled from 0 to the largest, the newest at the right; a value that is
 * missing (undefined or NaN) is a blank. Shows the last `columns` values, padded on the left.
 */
export function sparkline(values: readonly (number | undefined)[], columns: number): string {
  const shown = columns > 0 ? values.slice(-columns) : []
  const known = shown.filter(value => value !== undefined && !Number.isNaN(value))
  const largest = Math.max(0, ...(known as number[]))
  const drawn = shown.map(value => {
    if (value === undefined || Number.isNaN(value)) return ' '
    if (largest === 0) return levels[0]
    const level = Math.ceil((value / largest) * levels.length) - 1
    return levels[Math.min(levels.length - 1, Math.max(0, level))]
  })
  return drawn.join('').padStart(columns)
}
