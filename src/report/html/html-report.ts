import type { RunSecond } from '../../metrics/index.ts'
import { base64, packedSeconds, type DeflateRaw } from './packed-seconds.ts'

export interface HtmlReportOptions {
  /** Text of dist/web/report.html, as `npm run build:web` makes it. */
  readonly template: string
  /** The server's RunPage: whatever of the run is not in its seconds, as plain data. */
  readonly page: { readonly item: { readonly script: string; readonly warmUpUs: number } }
  /** The server's ComparisonPage, of a run that was compared; plain data. */
  readonly comparison?: object | undefined
  /** The run's seconds in order; may be empty. */
  readonly seconds: readonly RunSecond[]
  /** How many seconds each of them covers, a power of two. @default 1 */
  readonly spanSeconds?: number
  readonly deflateRaw: DeflateRaw
  /** What the file should not exceed, bytes. @default 950,000 */
  readonly maxBytes?: number
}

/**
 * A run as one HTML file that needs neither a server nor a network: the template with the page and
 * the seconds put into it. Seconds are merged, as many as it takes to stay below `maxBytes`; the
 * figures of the whole run stay exact, because histograms are what is merged, and the page says how
 * many seconds a point stands for. A run that is too large however much of it is merged, because it
 * has very many names, is put in all the same.
 */
export function htmlReport(options: HtmlReportOptions): string {
  const { template, page, seconds, deflateRaw, maxBytes = 950_000 } = options
  const warmUpSeconds = Math.ceil(page.item.warmUpUs / 1e6)
  const comparison = options.comparison ? packedJson(options.comparison, deflateRaw) : ''
  const room = maxBytes - template.length - JSON.stringify(page).length - comparison.length
  const given = { seconds, spanSeconds: options.spanSeconds ?? 1 }
  const packed = packedSeconds({ ...given, warmUpSeconds, deflateRaw, room })
  const { spanSeconds, outlineSpanSeconds } = packed
  return template
    .replace('<title>Loadstone report<', () => `<title>${escaped(page.item.script)} · Loadstone<`)
    .replace(...put('application/json', 'page', json({ page, spanSeconds, outlineSpanSeconds })))
    .replace(...put('text/plain', 'comparison', comparison))
    .replace(...put('text/plain', 'outline', packed.outline))
    .replace(...put('text/plain', 'seconds', packed.seconds))
}

function put(type: string, id: string, text: string): [string, (match: string) => string] {
  return [`<script type="${type}" id="loadstone-${id}">`, match => match + text]
}

/** Of hundreds of names a comparison is large, and much of it the same words. */
function packedJson(value: object, deflateRaw: DeflateRaw): string {
  return base64(deflateRaw(new TextEncoder().encode(JSON.stringify(value))))
}

/** JSON that cannot end the script element it stands in, nor a line of any script. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, character => `&#${character.charCodeAt(0)};`)
}
