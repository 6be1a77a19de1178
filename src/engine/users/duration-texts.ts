import { parseDurationUs } from '../../base/index.ts'

const keptTexts = 1000
const known = new Map<string, number>()

/**
 * µs of a text such as '1.5s', parsed once. A malformed text throws a UsageError at the script's
 * own line. Texts that are made up anew each time are parsed each time.
 */
export function durationOfText(text: string, where: string): number {
  const found = known.get(text)
  if (found !== undefined) return found
  const parsedUs = parseDurationUs(text, where)
  if (known.size < keptTexts) known.set(text, parsedUs)
  return parsedUs
}
