import { formatClock, formatCount, formatMs, formatNumber } from '../../src/report/index.ts'

export const nothing = '–'

/** Latency for a reader: '4.31 ms', '1.25 s'. */
export function shownUs(us: number): string {
  if (Number.isNaN(us)) return nothing
  if (us < 1000) return `${Math.round(us)} µs`
  if (us < 999_500) return `${formatMs(us)} ms`
  return `${formatNumber(us / 1e6)} s`
}

/** As shownUs, for an axis: '50 ms', '0', '1.5 s'. */
export const tickUs = (us: number): string => (us === 0 ? '0' : withoutZeros(shownUs(us)))

/** '40', '2.5', '12k': a value on an axis. */
export const tickCount = (value: number): string =>
  value < 10_000
    ? withoutZeros(formatNumber(value))
    : withoutZeros(`${formatNumber(value / 1000)}k`)

const withoutZeros = (text: string): string =>
  text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '')

/** '312/s', '4.20/s'. */
export const shownRate = (perSecond: number): string =>
  Number.isFinite(perSecond) ? `${formatNumber(perSecond)}/s` : nothing

/** '12.4k', '3.20M' where a card has no room for more. */
export function shownShort(count: number): string {
  if (count < 100_000) return formatCount(count)
  if (count < 999_500) return `${formatNumber(count / 1000)}k`
  return `${formatNumber(count / 1e6)}M`
}

/** Seconds since run start as a clock. */
export const shownClock = (seconds: number): string => formatClock(seconds * 1e6)

export const shownRange = (range: { from: number; to: number }): string =>
  `${shownClock(range.from)}–${shownClock(range.to)}`

/** 'Today 14:02', '3 Nov 14:02'. */
export function shownMoment(unixMs: number): string {
  const options = { dateStyle: 'medium', timeStyle: 'short' } as const
  return new Intl.DateTimeFormat(undefined, options).format(unixMs)
}
