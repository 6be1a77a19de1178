import fc from 'fast-check'
import { Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { parseExposition, type Sample } from './exposition.ts'

const anyName = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/)
const anyLabelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/)
const anyText = fc.string({ unit: 'grapheme', maxLength: 12 })
const hostileText = fc.stringMatching(/^[\\"n{}=, #\n]{0,12}$/)
const anySample = fc.record(
  {
    name: anyName,
    labels: fc.dictionary(anyLabelName, fc.oneof(anyText, hostileText), { noNullPrototype: true }),
    value: fc.oneof(fc.double(), fc.integer()),
    timestampMs: fc.integer({ min: -1e14, max: 1e14 }),
  },
  { requiredKeys: ['name', 'labels', 'value'] },
)

/** Written by hand from the format's description. */
function line({ name, labels, value, timestampMs }: Sample): string {
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  const number = Object.is(value, Infinity) ? '+Inf' : value === -Infinity ? '-Inf' : String(value)
  const shown = Object.is(value, -0) ? '-0' : number
  const set = inner.length > 0 ? `{${inner.join(',')}}` : ''
  return `${name}${set} ${shown}${timestampMs === undefined ? '' : ` ${timestampMs}`}`
}

describe('parseExposition', () => {
  test('reads names, labels, values and times of the documented example', () => {
    const text = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000

# a comment
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="no \\"x\\":\\n"} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
rpc{quantile="0.5", } NaN
`
    const { samples, types } = parseExposition(text)
    expect(types).toEqual(new Map([['http_requests_total', 'counter']]))
    expect(samples).toEqual([
      {
        name: 'http_requests_total',
        labels: { method: 'post', code: '200' },
        value: 1027,
        timestampMs: 1395066363000,
      },
      {
        name: 'msdos_file_access_time_seconds',
        labels: { path: 'C:\\DIR\\FILE.TXT', error: 'no "x":\n' },
        value: 1458255915,
      },
      { name: 'metric_without_timestamp_and_labels', labels: {}, value: 12.47 },
      {
        name: 'something_weird',
        labels: { problem: 'division by zero' },
        value: Infinity,
        timestampMs: -3982045,
      },
      { name: 'rpc', labels: { quantile: '0.5' }, value: NaN },
    ])
  })

  test('any samples come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anySample), written => {
        const read = parseExposition(written.map(line).join('\n')).samples
        expect(read).toEqual(written.map(one => ({ ...one, labels: { ...one.labels } })))
      }),
    )
  })

  test('reads what prom-client writes', async () => {
    const registers = [new Registry()]
    new Gauge({ name: 'depth', help: 'a "help"\\', labelNames: ['queue'], registers }).set(
      { queue: 'a\\b\n"c"' },
      3.5,
    )
    const durations = new Histogram({ name: 'd', help: 'h', buckets: [0.1, 1], registers })
    durations.observe(0.05)
    durations.observe(0.5)
    durations.observe(5)
    const { samples, types } = parseExposition(await registers[0]!.metrics())
    expect(types.get('d')).toBe('histogram')
    expect(samples).toEqual([
      { name: 'depth', labels: { queue: 'a\\b\n"c"' }, value: 3.5 },
      { name: 'd_bucket', labels: { le: '0.1' }, value: 1 },
      { name: 'd_bucket', labels: { le: '1' }, value: 2 },
      { name: 'd_bucket', labels: { le: '+Inf' }, value: 3 },
      { name: 'd_sum', labels: {}, value: 5.55 },
      { name: 'd_count', labels: {}, value: 3 },
    ])
  })

  test('an exemplar is passed over', () => {
    const { samples } = parseExposition('a_bucket{le="1"} 3 # {trace_id="ab"} 0.5 1.5')
    expect(samples).toEqual([{ name: 'a_bucket', labels: { le: '1' }, value: 3 }])
  })

  test.each([
    'a{b="c"',
    'a{b=c} 1',
    'a{b="c" d="e"} 1',
    'a',
    'a{b="c"}',
    'a one',
    '1a 1',
    'a 1 2 3',
    '<html>',
  ])('%s fails the whole page with its line', bad => {
    expect(() => parseExposition(`fine 1\n${bad}\n`)).toThrow('line 2 is not a sample')
  })
})
