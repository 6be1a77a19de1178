/**
 * Draws docs/pictures/freeze.svg from the arithmetic of the freeze, not from a measurement:
 *
 *   node docs/pictures/freeze.ts
 */
import { writeFileSync } from 'node:fs'

const serviceMs = 5
const freeze = { fromMs: 2_000, toMs: 2_500 }
const periodMs = 5_000

/**
 * Latency of an exchange that starts at `atMs`. An answer due during the freeze leaves at its end; a
 * request that comes during the freeze is read at its end, and then takes its 5 ms.
 */
function latencyMs(atMs: number): number {
  if (atMs >= freeze.fromMs && atMs < freeze.toMs) return freeze.toMs + serviceMs - atMs
  const dueMs = atMs + serviceMs
  return dueMs > freeze.fromMs && atMs < freeze.fromMs ? freeze.toMs - atMs : serviceMs
}

interface Dot {
  readonly atMs: number
  readonly latencyMs: number
}

/** One arrival every millisecond, whatever the answers do. */
const onSchedule: Dot[] = Array.from({ length: periodMs }, (_, atMs) => ({
  atMs,
  latencyMs: latencyMs(atMs),
}))

/** 64 users, evenly out of step, each asking again when its answer has come. */
const closedLoop: Dot[] = Array.from({ length: 64 }, (_, user) => {
  const dots: Dot[] = []
  for (let atMs = (user * serviceMs) / 64; atMs < periodMs; atMs += latencyMs(atMs)) {
    dots.push({ atMs, latencyMs: latencyMs(atMs) })
  }
  return dots
}).flat()

function percentileMs(dots: readonly Dot[], percent: number): string {
  const sorted = dots.map(dot => dot.latencyMs).sort((a, b) => a - b)
  const value = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

const plot = { width: 400, height: 170, top: 64 }
const x = (left: number, atMs: number) => (left + (atMs / periodMs) * plot.width).toFixed(1)
const y = (ms: number) => (plot.top + plot.height - (ms / 520) * plot.height).toFixed(1)

function panel(left: number, title: string, count: string, dots: readonly Dot[]): string {
  const slow = dots.filter(dot => dot.latencyMs > serviceMs)
  const fast = dots.filter((dot, index) => dot.latencyMs === serviceMs && index % 40 === 0)
  const mark = (kind: string) => (dot: Dot) =>
    `<circle class="${kind}" cx="${x(left, dot.atMs)}" cy="${y(dot.latencyMs)}" r="1.6"/>`
  const shown = slow.length > 200 ? slow.filter((_, index) => index % 4 === 0) : slow
  const grid = [0, 250, 500].map(
    ms =>
      `<line class="grid" x1="${left}" x2="${left + plot.width}" y1="${y(ms)}" y2="${y(ms)}"/>` +
      `<text class="tick" x="${left - 8}" y="${Number(y(ms)) + 4}" text-anchor="end">${ms} ms</text>`,
  )
  const bandWidth = ((freeze.toMs - freeze.fromMs) / periodMs) * plot.width
  const bottom = plot.top + plot.height
  return [
    `<text class="title" x="${left}" y="26">${title}</text>`,
    `<text class="note" x="${left}" y="45">${count}</text>`,
    `<rect class="band" x="${x(left, freeze.fromMs)}" y="${plot.top}" width="${bandWidth}" height="${plot.height}"/>`,
    ...grid,
    ...fast.map(mark('fast')),
    ...shown.map(mark('slow')),
    `<text class="tick" x="${left}" y="${bottom + 18}">0 s</text>`,
    `<text class="tick" x="${left + plot.width}" y="${bottom + 18}" text-anchor="end">5 s</text>`,
    `<text class="tick" x="${x(left, 2_250)}" y="${bottom + 18}" text-anchor="middle">frozen</text>`,
    `<text class="figure" x="${left}" y="${bottom + 48}">p50 ${percentileMs(dots, 50)} ms · ` +
      `p99 ${percentileMs(dots, 99)} ms · p99.9 ${percentileMs(dots, 99.9)} ms</text>`,
  ].join('\n')
}

const style = `
  text { font-family: system-ui, sans-serif; fill: #1f2933 }
  .title { font-size: 15px; font-weight: 600 } .note, .tick { font-size: 12px; fill: #5b6875 }
  .figure { font-size: 14px; font-weight: 600 }
  .grid { stroke: #c9d1d9; stroke-width: 1 } .band { fill: #e8a33d; opacity: .18 }
  .fast { fill: #2f7f86 } .slow { fill: #c2410c } .page { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note, .tick { fill: #9aa7b3 } .grid { stroke: #30363d }
    .fast { fill: #5cc2c9 } .slow { fill: #ff8a4c } .page { fill: #0d1117 }
  }`

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 310" role="img">
<title>The same freeze, seen by a closed loop and by arrivals on schedule</title>
<style>${style}</style><rect class="page" width="980" height="310"/>
${panel(64, 'Closed loop: 64 users', 'only the 64 exchanges under way see the freeze', closedLoop)}
${panel(556, 'On schedule: 1,000 arrivals a second', 'everybody who comes during the freeze waits', onSchedule)}
</svg>
`
writeFileSync(new URL('./freeze.svg', import.meta.url), svg)
