import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { doubleOf, hexOf, wordsOf } from '../src/outputs/testing/read-words.ts'
import {
  messages,
  numberOf,
  readFields,
  textOf,
  type Fields,
} from '../src/outputs/wire/read-protobuf.ts'
import { folder, goodEnds, loadstone, scriptText, startTarget } from './program.ts'
import { startPrometheus } from './prometheus.ts'

interface Summary {
  readonly run: { readonly id: string; readonly startedAt: string; readonly durationMs: number }
  readonly totals: { readonly requests: number; readonly failures: number }
  readonly requests: readonly {
    readonly name: string
    readonly count: number
    readonly latencyMs: { readonly p95: number; readonly mean: number }
    readonly statuses: Readonly<Record<string, number>>
  }[]
  readonly warnings?: readonly string[]
}

/** A target where every tenth answer is 503. */
const shakyTarget = () => {
  let n = 0
  return startTarget((_, response) => {
    response.statusCode = n++ % 10 === 9 ? 503 : 200
    response.end('ok')
  })
}

async function measured(args: readonly string[], env: Record<string, string> = {}) {
  const { path } = folder()
  const file = `${path}/summary.json`
  const ended = await loadstone([...args, '--json', file, '--quiet'], { env })
  return { ...ended, summary: JSON.parse(readFileSync(file, 'utf8')) as Summary }
}

const endOf = ({ run }: Summary) =>
  Math.round(Date.parse(run.startedAt) + run.durationMs + 10) / 1000

describe('--out prometheus', () => {
  test.each([{ nativeHistograms: true }, { nativeHistograms: false }])(
    'a real one holds what the summary says ($nativeHistograms)',
    async ({ nativeHistograms }) => {
      const [target, prometheus] = [
        await shakyTarget(),
        await startPrometheus({ nativeHistograms }),
      ]
      const out = `prometheus=${prometheus.url}`
      const args = ['quick', `${target.url}/a`, '--rate', '100/s', '-d', '7s', '--out', out]
      const { summary, output } = await measured(args)
      expect(output).not.toContain('did not arrive')
      const at = endOf(summary)
      const asked = (expression: string) => prometheus.query(expression, at)
      const [request] = summary.requests
      const byStatus = await asked('sum by (status) (loadstone_requests_total)')
      expect(Object.fromEntries(byStatus.map(one => [one.labels['status'], one.value]))).toEqual(
        request!.statuses,
      )
      const [failures] = await asked('sum(loadstone_request_failures_total{reason="status 503"})')
      expect(failures?.value).toBe(summary.totals.failures)
      const [count] = await asked('sum(loadstone_http_request_duration_seconds_count)')
      expect(count?.value).toBe(summary.totals.requests)
      const [info] = await asked('loadstone_run_info')
      expect(info?.labels).toMatchObject({ run_id: summary.run.id, model: 'open' })
      // The last bucket below and the first one above the quantile hold it.
      const p95Seconds = request!.latencyMs.p95 / 1000
      const [classic] = await asked(
        'histogram_quantile(0.95, sum by (le) (loadstone_http_request_duration_seconds_bucket))',
      )
      const bounds = [0, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
      const upper = bounds.findIndex(bound => bound >= p95Seconds)
      expect(classic?.value).toBeGreaterThanOrEqual(bounds[upper - 1]! * 0.999)
      expect(classic?.value).toBeLessThanOrEqual(bounds[upper]! * 1.001)
      const native = await asked(
        'histogram_quantile(0.95, sum(loadstone_http_request_duration_seconds))',
      )
      expect(native).toHaveLength(nativeHistograms ? 1 : 0)
      // A bucket is 2.2 % wide, and interpolation may take the neighbour at its edge.
      if (nativeHistograms) expect(native[0]!.value / p95Seconds).toBeCloseTo(1, 1)
      // A rate over the run needs its first increase, too: the series begin at 0.
      const [begin] = await asked(
        'min_over_time(loadstone_http_request_duration_seconds_count[1m])',
      )
      expect(begin?.value).toBe(0)
      expect(await prometheus.query('loadstone_users', at + 2)).toEqual([])
    },
  )

  test('a dead one costs a warning and no more than a few seconds', async () => {
    const target = await shakyTarget()
    const gone = await startTarget()
    await new Promise(closed => gone.server.close(closed))
    const args = ['quick', target.url, '-i', '5', '-u', '1', '--out', `prometheus=${gone.url}`]
    const { output, code, summary } = await measured(args)
    expect(goodEnds).toContain(code)
    expect(summary.totals.requests).toBe(5)
    expect(output.replace(/\s+/g, ' ')).toMatch(
      /--out prometheus=\S+write: 1 of 1 batches did not arrive \(ECONNREFUSED\)/,
    )
  })

  test('a kind that does not exist is refused before any load', async () => {
    const target = await startTarget()
    const { code, stderr } = await loadstone(['quick', target.url, '--out', 'graphite=http://h'])
    expect([code, target.counts.total]).toEqual([2, 0])
    expect(stderr).toContain('"graphite" is none of otlp, otlp-traces, prometheus')
  })
})

interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Takes whatever OTLP sends. */
async function startReceiver() {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url = '', headers } = request
      received.push({ path: url, headers, body: Buffer.concat(chunks) })
      response.end()
    })
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { received, url: `http://127.0.0.1:${port}` }
}

/** Attributes in field `number`: text, or a number as text. */
function attributesOf(fields: Fields, number: number): Record<string, string> {
  const pairs = messages(fields, number).map(pair => {
    const [value = new Map() as Fields] = messages(pair, 2)
    return [textOf(pair, 1), value.has(3) ? String(numberOf(value, 3)) : textOf(value, 1)]
  })
  return Object.fromEntries(pairs) as Record<string, string>
}

describe('--out otlp', () => {
  test('what is sent, read as protobuf, holds what the summary says', async () => {
    const [target, receiver] = [await shakyTarget(), await startReceiver()]
    const args = [
      'quick',
      `${target.url}/a`,
      '-i',
      '40',
      '-u',
      '2',
      '--out',
      `otlp=${receiver.url}`,
    ]
    const { summary } = await measured(args, { OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a%20b' })
    const last = receiver.received.at(-1)!
    expect(last.path).toBe('/v1/metrics')
    expect(last.headers['x-team']).toBe('a b')
    const [resourceMetrics] = messages(readFields(last.body), 1)
    expect(attributesOf(messages(resourceMetrics!, 1)[0]!, 1)).toMatchObject({
      'service.name': 'loadstone',
      'loadstone.run.id': summary.run.id,
    })
    const metrics = messages(messages(resourceMetrics!, 2)[0]!, 2)
    const named = (name: string) => metrics.find(metric => textOf(metric, 1) === name)!
    const duration = named('http.client.request.duration')
    expect(textOf(duration, 3)).toBe('s')
    const [histogram] = messages(duration, 9)
    expect(numberOf(histogram!, 2)).toBe(2)
    const points = messages(histogram!, 1).map(point => ({
      attributes: attributesOf(point, 9),
      count: numberOf(point, 4),
      sum: doubleOf(point, 5),
      buckets: wordsOf(point, 6),
      bounds: point.get(7)!,
    }))
    for (const { count, buckets } of points) {
      expect(buckets).toHaveLength(15)
      expect(buckets.reduce((sum, one) => sum + one, 0)).toBe(count)
    }
    expect(points.map(({ count, attributes }) => [attributes['loadstone.outcome'], count])).toEqual(
      [
        ['ok', 36],
        ['failed', 4],
      ],
    )
    const meanMs = (points.reduce((sum, one) => sum + one.sum, 0) / 40) * 1000
    expect(meanMs / summary.requests[0]!.latencyMs.mean).toBeCloseTo(1, 2)
    expect(points[1]!.attributes).toMatchObject({
      ...{ 'http.request.method': 'GET', 'url.template': '/a', 'error.type': '_OTHER' },
      ...{ 'server.address': '127.0.0.1', 'server.port': String(target.port) },
    })
    const [requests] = messages(named('loadstone.requests'), 7)
    const byStatus = messages(requests!, 1).map(point => [
      attributesOf(point, 7)['http.response.status_code'],
      doubleOf(point, 4),
    ])
    expect(byStatus).toEqual([
      ['200', 36],
      ['503', 4],
    ])
  })
})

test('a header that cannot be sent is refused before any load, without its value', async () => {
  const target = await startTarget()
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hush%0Ahush' }
  const args = ['quick', target.url, '--out', 'otlp=http://127.0.0.1:4318']
  const { code, stderr } = await loadstone(args, { env })
  expect([code, target.counts.total]).toEqual([2, 0])
  expect(stderr).toContain('the header "authorization" of OTEL_EXPORTER_OTLP_HEADERS cannot be')
  expect(stderr).not.toContain('hush')
})

describe('--out otlp-traces', () => {
  const iteration = `
    await user.http.get('/items/:id', { params: { id: 7 }, query: { token: 'secret' } })
    await user.step('pay', async () => {
      await Promise.all([
        user.step('inner', async () => { await user.http.get('/bad') }),
        user.http.get('/old'),
      ])
    })`

  /** Runs one user twice; what the service heard and what the receiver got. */
  async function traced(plan?: string) {
    const heard: string[] = []
    const target = await startTarget((request, response) => {
      heard.push(`${request.url} ${String(request.headers['traceparent'])}`)
      if (request.url === '/old') response.writeHead(302, { location: '/new' })
      response.statusCode = request.url === '/bad' ? 503 : response.statusCode
      response.end()
    })
    const receiver = await startReceiver()
    const load = '{ iterations: 2, users: 1 }'
    const texts = { target: target.url, load, iteration, ...(plan === undefined ? {} : { plan }) }
    const script = folder().write('s.ts', scriptText(texts))
    const { summary } = await measured(['run', script, '--out', `otlp-traces=${receiver.url}`])
    const spans = receiver.received.flatMap(({ path, body }) => {
      expect(path).toBe('/v1/traces')
      const [resourceSpans] = messages(readFields(body), 1)
      return messages(messages(resourceSpans!, 2)[0]!, 2).map(fields => ({
        ...{ traceId: hexOf(fields, 1), spanId: hexOf(fields, 2), parentId: hexOf(fields, 4) },
        ...{ name: textOf(fields, 5), kind: numberOf(fields, 6) },
        ...{ startedAt: fields.get(7)![0] as bigint, endedAt: fields.get(8)![0] as bigint },
        attributes: attributesOf(fields, 9),
        links: messages(fields, 13).map(link => hexOf(link, 2)),
        error: messages(fields, 15).map(status => textOf(status, 2))[0],
      }))
    })
    return { heard, spans, summary }
  }

  test('each request that a service hears of is a span under the id it was told', async () => {
    const { heard, spans } = await traced()
    const requests = spans.filter(({ kind }) => kind === 3)
    expect(requests).toHaveLength(8)
    const told = requests.map(({ traceId, spanId, attributes }) => {
      const path = new URL(attributes['url.full']!).pathname
      return `${path} 00-${traceId}-${spanId}-01`
    })
    expect(told.sort()).toEqual(heard.map(line => line.replace('?token=secret', '')).sort())
    expect(JSON.stringify(requests.map(one => one.attributes))).not.toContain('secret')
  })

  test('steps and requests hang under their iteration, which is linked to the run', async () => {
    const { spans, summary } = await traced()
    const run = spans.find(({ name }) => name.startsWith('run '))!
    const iterations = spans.filter(({ attributes, kind, parentId }) => {
      return kind === 1 && parentId === '' && attributes['loadstone.iteration'] !== undefined
    })
    expect(iterations).toHaveLength(2)
    for (const iteration of iterations) {
      expect(iteration.links).toEqual([run.spanId])
      const inTrace = spans.filter(({ traceId }) => traceId === iteration.traceId)
      const parentOf = (name: string) => {
        const span = inTrace.find(one => one.name === name)!
        const parent = inTrace.find(one => one.spanId === span.parentId)!
        expect(span.startedAt).toBeGreaterThanOrEqual(parent.startedAt)
        expect(span.endedAt).toBeLessThanOrEqual(parent.endedAt)
        return parent.name
      }
      expect(parentOf('GET /items/:id')).toBe(iteration.name)
      expect(parentOf('step pay')).toBe(iteration.name)
      expect(parentOf('step inner')).toBe('step pay')
      expect(parentOf('GET /bad')).toBe('step inner')
      expect(parentOf('GET /old')).toBe('step pay')
      const bad = inTrace.find(({ name }) => name === 'GET /bad')
      expect([bad?.error, bad?.attributes['error.type']]).toEqual(['status 503', 'status 503'])
      const redirected = inTrace.find(one => one.attributes['http.request.resend_count'] === '1')
      expect(redirected?.name).toBe('GET')
    }
    expect(run.attributes['loadstone.run.id']).toBe(summary.run.id)
  })

  test('an iteration that is not sampled makes no spans, and says so to all it calls', async () => {
    const { heard, spans } = await traced('tracing: { sampled: 0 }')
    expect(spans.map(({ name }) => name.split(' ')[0])).toEqual(['run'])
    expect(heard.every(line => line.endsWith('-00'))).toBe(true)
    expect(new Set(heard.map(line => line.split('-')[1])).size).toBe(2)
  })
})
