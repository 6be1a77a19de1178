import {
  encodeSecond,
  framedSeconds,
  Histogram,
  mergedSeconds,
  type RunSecond,
} from '../../metrics/index.ts'
import { withFewerKept } from './fewer-kept.ts'

/** Raw deflate without a header (RFC 1951), as node:zlib's deflateRawSync. */
export type DeflateRaw = (bytes: Uint8Array) => Uint8Array

export interface PackedSeconds {
  /** Base64 of deflated, framed seconds with everything in them. */
  readonly seconds: string
  /** Seconds that each of those covers. */
  readonly spanSeconds: number
  /** The same of shorter spans with all names together, for the charts; '' when not needed. */
  readonly outline: string
  readonly outlineSpanSeconds: number
}

/** More points than this no chart shows. */
const pointsMost = 600
/** Part of the room that charts of all names together may take. */
const outlineShare = 0.4
/** Deflate and base64 together never made less of a run than this share of it. */
const bestRatio = 0.15

const nothing = new Histogram().encode()

/**
 * The seconds of a run as text of at most `room` characters, merged as little as that takes. Spans
 * are powers of two, so that each is made from the one before.
 */
export function packedSeconds(options: {
  readonly seconds: readonly RunSecond[]
  /** How many seconds each of them covers already. */
  readonly spanSeconds: number
  readonly warmUpSeconds: number
  readonly deflateRaw: DeflateRaw
  readonly room: number
}): PackedSeconds {
  const { seconds, spanSeconds: span, room } = options
  const whole = fitted({ ...options, finish: withFewerKept, span })
  if (whole.span <= span * doublings(seconds.length / pointsMost)) {
    return { seconds: whole.text, spanSeconds: whole.span, outline: '', outlineSpanSeconds: 0 }
  }
  const outline = fitted({
    ...options,
    seconds: seconds.map(outlineOf),
    room: room * outlineShare,
    finish: same => [...same],
    span,
  })
  const rest = fitted({
    ...options,
    room: room - outline.text.length,
    seconds: whole.merged,
    finish: withFewerKept,
    span: whole.span,
  })
  return {
    ...{ seconds: rest.text, spanSeconds: rest.span },
    ...{ outline: outline.text, outlineSpanSeconds: outline.span },
  }
}

interface Fit {
  readonly seconds: readonly RunSecond[]
  /** Seconds that each of those given covers. */
  readonly span: number
  readonly warmUpSeconds: number
  readonly deflateRaw: DeflateRaw
  readonly room: number
  readonly finish: (seconds: readonly RunSecond[]) => RunSecond[]
}

/** The shortest span with which the seconds fit, or the one that leaves two points. */
function fitted(fit: Fit): { text: string; span: number; merged: readonly RunSecond[] } {
  const { warmUpSeconds, room, deflateRaw, finish } = fit
  let { seconds: merged, span } = fit
  const mergeBy = (factor: number) => {
    if (factor === 1) return
    span *= factor
    merged = mergedBy(span, warmUpSeconds, merged)
  }
  mergeBy(doublings(merged.length / pointsMost))
  for (;;) {
    const bytes = framedSeconds(finish(merged).map(encodeSecond))
    const least = (bytes.length * bestRatio) / room
    const last = merged.length <= 2
    if (last || least <= 1) {
      const text = base64(deflateRaw(bytes))
      if (last || text.length <= room) return { text, span, merged }
    }
    mergeBy(2)
  }
}

/** The smallest power of two that is at least `ratio`. */
function doublings(ratio: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(ratio)))
}

/**
 * Every `span` seconds as one. No group reaches over the end of the warm-up, whose seconds no total
 * counts.
 */
export function mergedBy(
  span: number,
  warmUpSeconds: number,
  seconds: readonly RunSecond[],
): RunSecond[] {
  const groups = Map.groupBy(seconds, ({ index }) => Math.floor((index - warmUpSeconds) / span))
  return [...groups.values()].map(group => mergedSeconds(group))
}

/** A second with all its requests as if they had one name, without what no chart shows. */
function outlineOf(second: RunSecond): RunSecond {
  const requests = second.series.filter(({ kind }) => kind === 'request')
  const series = requests.map(one => {
    return { ...one, scenario: '', name: '', failures: [], serviceTime: nothing }
  })
  return mergedSeconds([
    { ...second, series, checks: [], kept: [], keptDropped: 0, foldedNames: [] },
  ])
}

export function base64(bytes: Uint8Array): string {
  const part = 0x8000
  let text = ''
  for (let from = 0; from < bytes.length; from += part) {
    text += String.fromCharCode(...bytes.subarray(from, from + part))
  }
  return btoa(text)
}
