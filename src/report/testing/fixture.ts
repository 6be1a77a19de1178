import {
  Histogram,
  parseThreshold,
  type RunSummary,
  type SeriesSummary,
  type ThresholdResult,
  type TimelinePoint,
} from '../../metrics/index.ts'

/** `count` latencies, evenly spread between the two, µs; the last is `slowestUs` if given. */
function spread(count: number, fromUs: number, toUs: number, slowestUs = toUs): Histogram {
  const step = count > 1 ? (toUs - fromUs) / (count - 1) : 0
  const values = Array.from({ length: count }, (_, i) => Math.round(fromUs + i * step))
  if (count > 0) values[count - 1] = slowestUs
  return Histogram.of(values)
}

const outcome = (latency: Histogram, serviceTime = latency) => {
  return { count: latency.count, latency, serviceTime }
}
const none = outcome(new Histogram())

const result = (
  expression: string,
  ok: boolean,
  more: Partial<ThresholdResult> = {},
): ThresholdResult => {
  const threshold = parseThreshold(expression, 'fixture')
  return { threshold, ok, measured: undefined, brokenAtUs: undefined, note: undefined, ...more }
}

const browse: SeriesSummary = {
  ...{ kind: 'request', scenario: 'shopper', name: 'GET /api/catalog/products' },
  ok: outcome(spread(4000, 2_000, 42_000, 180_000), spread(4000, 1_900, 40_000, 60_000)),
  failed: none,
  ...{
    statuses: { '200': 4000 },
    failures: [],
    bytesIn: 8_400_000,
    bytesOut: 640_000,
    retries: 12,
  },
}
const view: SeriesSummary = {
  ...{ kind: 'request', scenario: 'shopper', name: 'GET /api/catalog/products/:id' },
  ok: outcome(spread(2900, 800, 9_000)),
  failed: outcome(spread(100, 500, 700)),
  ...{ statuses: { '200': 2900, '404': 100 }, bytesIn: 2_100_000, bytesOut: 480_000, retries: 0 },
  failures: [{ reason: 'status 404', count: 100, firstAtUs: 10_400_000, lastAtUs: 58_900_000 }],
}
const order: SeriesSummary = {
  ...{ kind: 'request', scenario: 'shopper', name: 'POST /api/orders' },
  ok: outcome(spread(560, 40_000, 400_000, 1_250_000)),
  failed: outcome(spread(40, 900_000, 1_000_000)),
  ...{
    statuses: { '0': 8, '201': 560, '503': 32 },
    bytesIn: 300_000,
    bytesOut: 420_000,
    retries: 0,
  },
  failures: [
    { reason: 'status 503', count: 32, firstAtUs: 31_000_000, lastAtUs: 45_200_000 },
    { reason: 'timeout after 1 s', count: 8, firstAtUs: 33_000_000, lastAtUs: 44_000_000 },
  ],
}
const step: SeriesSummary = {
  ...{ kind: 'step', scenario: 'shopper', name: 'checkout' },
  ok: outcome(spread(560, 90_000, 700_000)),
  failed: none,
  ...{ statuses: {}, failures: [], bytesIn: 0, bytesOut: 0, retries: 0 },
}
const poll: SeriesSummary = {
  ...{ kind: 'poll', scenario: 'shopper', name: 'report ready' },
  ok: outcome(spread(20, 1_000_000, 4_000_000)),
  failed: outcome(spread(1, 10_000_000, 10_000_000)),
  ...{ statuses: {}, bytesIn: 0, bytesOut: 0, retries: 0 },
  failures: [{ reason: 'gave up', count: 1, firstAtUs: 50_000_000, lastAtUs: 50_000_000 }],
}

/** A minute at 10 seconds a point would be dull: six seconds, the first two of them warm-up. */
function timeline(): TimelinePoint[] {
  return Array.from({ length: 6 }, (_, index) => {
    const latency = spread(100 + 20 * index, 2_000, 30_000 + 5_000 * index)
    const failures = index === 4 ? 7 : 0
    const name = { scenario: 'shopper', name: 'GET /api/catalog/products' }
    return {
      ...{ index, users: 10 * (index + 1), requests: latency.count, failures, drops: index },
      ...{ bytesIn: 40_000, bytesOut: 9_000, latency },
      perName: [{ ...name, requests: latency.count, failures, latency }],
    }
  })
}

/** An open-model run with a bit of everything: failures, drops, checks, a broken threshold. */
export const failedRun: RunSummary = {
  run: {
    ...{ id: '20250314-0926-a1b2', script: 'examples/checkout.ts', seed: 42, workers: 2 },
    ...{ startedAtUnixMs: Date.UTC(2025, 2, 14, 9, 26, 53, 589), durationUs: 62_000_000 },
    ...{ warmUpUs: 2_000_000, endState: 'finished', endReason: undefined, model: 'open' },
    refusedHost: undefined,
    ...{ tags: { branch: 'main' }, loadstoneVersion: '0.1.0' },
  },
  totals: {
    ...{ requests: 7600, failures: 140, measuredSeconds: 60, iterations: 1860, drops: 45 },
    ...{ bytesIn: 10_800_000, bytesOut: 1_540_000 },
  },
  series: [browse, view, order, step, poll],
  checks: [
    {
      ...{ scenario: 'shopper', name: 'GET /api/catalog/products', check: 'schema' },
      ...{ passed: 4000, failed: 0, firstReason: '' },
    },
    {
      ...{ scenario: 'shopper', name: 'POST /api/orders', check: 'has an order number' },
      ...{ passed: 548, failed: 12, firstReason: 'orderNumber is missing in {"status":"queued"}' },
    },
  ],
  scenarios: [
    {
      ...{ scenario: 'shopper', model: 'open', iterationsStarted: 1862 },
      ...{ iterationsCompleted: 1820, iterationsFailed: 40, iterationsInterrupted: 2 },
      ...{ drops: { 'user limit': 45 }, startDelay: spread(1862, 20, 400, 2_100) },
    },
  ],
  thresholds: [
    result('p95 < 300ms', true, { measured: 61_300 }),
    result('POST /api/orders: p99 < 900ms for 5s, abort', false, {
      ...{ measured: 1_010_000, brokenAtUs: 38_000_000 },
      note: 'over the limit for 5 s, until 38 s; measured in the last second',
    }),
    result('errors < 1%', false, { measured: 0.01842 }),
    result('rps > 100', true, { measured: 126.67 }),
    result('drops <= 50', true, { measured: 45 }),
    result('GET /api/catalog/product: p95 < 1s', false, {
      note:
        'no sample was measured under "GET /api/catalog/product"; did you mean ' +
        '"GET /api/catalog/products"? Seen: "GET /api/catalog/products", "POST /api/orders"',
    }),
  ],
  validity: {
    ...{ valid: true, reasons: [], keptDropped: 12, eventLoopUtilization: 0.31 },
    startDelay: spread(1862, 20, 400, 2_100),
    eventLoopDelay: spread(600, 100, 1_100),
    workers: [
      { worker: 0, cpuRatio: 0.28, eventLoopUtilization: 0.31, memoryBytes: 88_000_000 },
      { worker: 1, cpuRatio: 0.26, eventLoopUtilization: 0.29, memoryBytes: 86_000_000 },
    ],
  },
  timeline: timeline(),
  kept: [
    {
      ...{ kind: 'request', scenario: 'shopper', name: 'POST /api/orders', why: 'slow' },
      ...{ worker: 1, userId: 7, iteration: 4, status: 201, failure: undefined },
      ...{ intendedAtUs: 35_100_000, startedAtUs: 35_102_000, endedAtUs: 36_910_000 },
      traceId: '5b8aa5a2d2c872e8321cf37308d69df2',
      timings: {
        ...{ dnsUs: 0, connectUs: 410, tlsUs: 0, firstByteUs: 1_806_000, downloadUs: 120 },
        connectionReused: false,
      },
    },
    {
      ...{ kind: 'step', scenario: 'shopper', name: 'order', why: 'failed' },
      ...{ worker: 0, userId: 2, iteration: 9, status: 0, failure: 'threw' },
      ...{ intendedAtUs: 40_000_000, startedAtUs: 40_000_000, endedAtUs: 40_250_000 },
      ...{ traceId: '', timings: undefined },
    },
  ],
  keptDropped: 12,
  foldedNames: [],
  warnings: ['The target answered over HTTP/1.0 without keep-alive: every request connects anew.'],
  scriptErrors: [],
}

/** A small closed-model run in which all went well. */
export const passedRun: RunSummary = {
  ...failedRun,
  run: { ...failedRun.run, model: 'closed', warmUpUs: 0, workers: 1, durationUs: 60_000_000 },
  totals: { ...failedRun.totals, requests: 4000, failures: 0, drops: 0, iterations: 4000 },
  series: [browse],
  checks: failedRun.checks.slice(0, 1),
  scenarios: [{ ...failedRun.scenarios[0]!, model: 'closed', drops: {} }],
  thresholds: failedRun.thresholds.slice(0, 1),
  warnings: [],
  kept: [],
}

/** Two scenarios, a saturated generator, a script that throws. */
export const invalidRun: RunSummary = {
  ...failedRun,
  run: { ...failedRun.run, model: 'mixed' },
  series: [browse, { ...view, scenario: 'admin' }],
  scenarios: [failedRun.scenarios[0]!, { ...passedRun.scenarios[0]!, scenario: 'admin' }],
  thresholds: [],
  validity: {
    ...failedRun.validity,
    valid: false,
    reasons: [
      'Worker 0 was saturated: its event loop was busy 97 % of the time, and above the limit of ' +
        "85 % in 58 of 60 seconds. Part of each latency is the generator's own waiting. Lower " +
        'the load, or add workers (--workers).',
    ],
  },
  scriptErrors: [
    {
      scenario: 'admin',
      message: "admin.ts:12:9: TypeError: Cannot read properties of undefined (reading 'id')",
      count: 17,
    },
  ],
}

/** A run in which nothing was measured. */
export const emptyRun: RunSummary = {
  ...passedRun,
  totals: {
    ...{ requests: 0, failures: 0, measuredSeconds: 0, iterations: 0, drops: 0 },
    ...{ bytesIn: 0, bytesOut: 0 },
  },
  series: [{ ...browse, ok: none, statuses: {}, bytesIn: 0, bytesOut: 0, retries: 0 }],
  checks: [],
  scenarios: [
    {
      ...{ scenario: 'shopper', model: 'closed', iterationsStarted: 0, iterationsCompleted: 0 },
      ...{ iterationsFailed: 0, iterationsInterrupted: 0, drops: {}, startDelay: new Histogram() },
    },
  ],
  thresholds: [
    result('p95 < 300ms', false, { note: 'no sample was measured; that fails a threshold' }),
  ],
  validity: {
    ...{ valid: false, eventLoopUtilization: 0, workers: [], keptDropped: 0 },
    reasons: ['Nothing was measured: no exchange ended in the measured part of the run.'],
    ...{ startDelay: new Histogram(), eventLoopDelay: new Histogram() },
  },
  timeline: [],
  keptDropped: 0,
}
