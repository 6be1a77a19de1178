import { UsageError } from '../errors.ts'

const usPerUnit: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
}
const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 }
const bytesPerUnit: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
}

/**
 * µs of a text such as '250ms', '1.5s', '2m', '1h' or '1m30s'. `where` names the place for the
 * message, e.g. 'load.duration'. A bare number, a negative or a malformed text is a UsageError.
 */
export function parseDurationUs(text: unknown, where: string): number {
  const parts =
    typeof text === 'string' ? text.trim().match(/^(?:\d+(?:\.\d+)?(?:µs|[a-z]+))+$/i) : null
  if (parts === null) throw durationError(text, where)
  let totalUs = 0
  for (const [, amount, unit] of parts[0].matchAll(/(\d+(?:\.\d+)?)(µs|[a-z]+)/gi)) {
    const factor = usPerUnit[(unit ?? '').toLowerCase()]
    if (factor === undefined) throw durationError(text, where)
    totalUs += Number(amount) * factor
  }
  return Math.round(totalUs)
}

function durationError(text: unknown, where: string): UsageError {
  const bare = typeof text === 'number' || /^\s*\d+(\.\d+)?\s*$/.test(String(text))
  const hint = bare
    ? `a time needs a unit, e.g. '${String(text)}s' or '${String(text)}ms'`
    : `write '250ms', '30s', '5m' or '1m30s'`
  return new UsageError('DURATION', `${where}: ${JSON.stringify(text)} is not a duration; ${hint}`)
}

/** Arrivals per second of '50/s', '1200/m', '3600/h', or a plain number meaning per second. */
export function parseRatePerSecond(text: unknown, where: string): number {
  if (typeof text === 'number' && Number.isFinite(text) && text >= 0) return text
  const match =
    typeof text === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*\/\s*(s|m|min|h)\s*$/i.exec(text) : null
  const seconds = secondsPerUnit[(match?.[2] ?? '').toLowerCase()]
  if (match === null || seconds === undefined) {
    throw new UsageError(
      'RATE',
      `${where}: ${JSON.stringify(text)} is not a rate; write '50/s', '600/m' or '3600/h'`,
    )
  }
  return Number(match[1]) / seconds
}

/** Bytes of '64kB', '10MiB', '512b', or a plain number of bytes. */
export function parseBytes(text: unknown, where: string): number {
  if (typeof text === 'number' && Number.isInteger(text) && text >= 0) return text
  const match =
    typeof text === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*([kmg]?i?b)\s*$/i.exec(text) : null
  const factor = bytesPerUnit[(match?.[2] ?? '').toLowerCase()]
  if (match === null || factor === undefined) {
    throw new UsageError(
      'SIZE',
      `${where}: ${JSON.stringify(text)} is not a size; write '64kB', '10MB' or '1GiB'`,
    )
  }
  return Math.round(Number(match[1]) * factor)
}

/**
 * '850 µs', '12.3 ms', '1.25 s', '2 min 5 s'; '–' for undefined or NaN. Three significant digits.
 */
export function formatDurationUs(us: number | undefined): string {
  if (us === undefined || Number.isNaN(us)) return '–'
  if (us < 1_000) return `${significant(us)} µs`
  if (us < 999_500) return `${significant(us / 1_000)} ms`
  if (us < 60_000_000) return `${significant(us / 1_000_000)} s`
  const seconds = Math.round(us / 1_000_000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** '512 B', '1.50 kB', '2.10 MB', '3.00 GB' (decimal units). */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`
  if (bytes < 999_500) return `${significant(bytes / 1_000)} kB`
  if (bytes < 999_500_000) return `${significant(bytes / 1_000_000)} MB`
  return `${significant(bytes / 1_000_000_000)} GB`
}

/** Three significant digits, no exponent, no needless decimals above 100. */
function significant(value: number): string {
  if (value >= 99.95) return String(Math.round(value))
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}
