import { inflateRawSync, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeSecond, Histogram, type RunSecond } from '../../metrics/index.ts'
import { madeRun } from '../../../test/web/made-run.ts'
import { htmlReport } from './html-report.ts'

const template =
  '<title>Loadstone report</title>' +
  '<script type="application/json" id="loadstone-page"></script>' +
  '<script type="text/plain" id="loadstone-comparison"></script>' +
  '<script type="text/plain" id="loadstone-outline"></script>' +
  '<script type="text/plain" id="loadstone-seconds"></script>'

const textIn = (html: string, id: string): string =>
  new RegExp(`id="loadstone-${id}">([^<]*)<`).exec(html)?.[1] ?? ''

/** As the page reads them, by a second method. */
function secondsIn(html: string, id: string): RunSecond[] {
  const buffer = inflateRawSync(Buffer.from(textIn(html, id), 'base64'))
  const bytes = new Uint8Array(buffer)
  const view = new DataView(bytes.buffer)
  const seconds: RunSecond[] = []
  for (let offset = 0; offset < bytes.length;) {
    const length = view.getUint32(offset, true)
    seconds.push(decodeSecond(bytes.subarray(offset + 4, offset + 4 + length)))
    offset += 4 + length
  }
  return seconds
}

function figuresOf(seconds: readonly RunSecond[], warmUpSeconds: number) {
  const latency = new Histogram()
  let failures = 0
  for (const second of seconds.filter(({ index }) => index >= warmUpSeconds)) {
    for (const series of second.series.filter(({ kind }) => kind === 'request')) {
      latency.mergeEncoded(series.latency)
      if (series.outcome === 'failed') failures += series.count
    }
  }
  return [latency.count, latency.sumUs, latency.percentileUs(99), failures]
}

const reportOf = (run: ReturnType<typeof madeRun>, maxBytes?: number) =>
  htmlReport({
    ...{ template, page: run.page, seconds: run.seconds, deflateRaw: deflateRawSync },
    ...(maxBytes === undefined ? {} : { maxBytes }),
  })

describe('the HTML report', () => {
  test('holds every second of a short run', () => {
    const run = madeRun({ seconds: 12, names: 3, perName: 4 })
    const html = reportOf(run)
    const series = (seconds: readonly RunSecond[]) => seconds.map(one => one.series)
    expect(series(secondsIn(html, 'seconds'))).toEqual(series(run.seconds))
    expect(textIn(html, 'outline')).toBe('')
  })

  test('merges seconds until it fits, keeps the figures exact and the warm-up apart', () => {
    const run = madeRun({ seconds: 90, names: 4, perName: 20, warmUpSeconds: 7 })
    const html = reportOf(run, 40_000)
    expect(html.length).toBeLessThan(40_000)
    for (const id of ['seconds', 'outline']) {
      const kept = secondsIn(html, id)
      expect(kept.length).toBeLessThan(90)
      expect(kept.some(one => one.index < 7 && one.index + one.seconds > 7)).toBe(false)
      expect(figuresOf(kept, 7)).toEqual(figuresOf(run.seconds, 7))
    }
  })

  test('lets no text of a target out of its place', () => {
    const evil = '</script><script>alert(1)</script><!-- \u2028'
    const run = madeRun({ seconds: 3, script: evil, reason: evil, failing: 1 })
    const html = reportOf(run)
    expect(html).not.toContain('alert(1)</script>')
    expect(html.match(/<script/g)).toHaveLength(4)
    expect(html.slice(html.indexOf('</title>'))).not.toMatch(/<!--|\u2028/)
    const { page } = JSON.parse(textIn(html, 'page')) as { page: typeof run.page }
    expect(page.item.script).toBe(evil)
  })

  test('of a run without a second is still a page', () => {
    const run = madeRun({ seconds: 1 })
    const html = htmlReport({ template, page: run.page, seconds: [], deflateRaw: deflateRawSync })
    expect(secondsIn(html, 'seconds')).toEqual([])
  })
})
