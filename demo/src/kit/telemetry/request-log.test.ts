import { expect, test } from 'vitest'
import { RequestLog, type LoggedRequest } from './request-log.ts'

const request: LoggedRequest = {
  method: 'GET',
  route: '/items/:id',
  path: '/items/7',
  status: 200,
  durationMs: 1.23456,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  requestId: 'r-1',
  userId: undefined,
  timingsMs: new Map([
    ['db', 0.5001],
    ['to-cart', 2],
  ]),
}

/** Keeps what is written; with `slow`, a text counts as written when `release` is called. */
function sinkOf({ slow = false }: { readonly slow?: boolean } = {}) {
  const texts: string[] = []
  const waiting: (() => void)[] = []
  const write = (text: string, written: () => void) => {
    texts.push(text)
    if (slow) waiting.push(written)
    else written()
  }
  return { texts, write, release: () => waiting.shift()?.() }
}

const linesOf = (texts: readonly string[]) =>
  texts
    .join('')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>)

test('a request is one line with its ids and where its time went', async () => {
  const sink = sinkOf()
  const log = new RequestLog({ sink, service: 'cart', instance: 'cart-1' })
  log.add(request)
  log.add({ ...request, traceId: '', spanId: '', requestId: undefined, timingsMs: new Map() })
  await log.stop()
  const [first, second] = linesOf(sink.texts)
  expect(Math.abs(Date.parse(String(first?.['time'])) - Date.now())).toBeLessThan(60_000)
  expect({ ...first, time: '' }).toEqual({
    ...{ time: '', service: 'cart', instance: 'cart-1', method: 'GET', route: '/items/:id' },
    ...{ path: '/items/7', status: 200, durationMs: 1.23, request_id: 'r-1' },
    ...{ trace_id: request.traceId, span_id: request.spanId },
    upstreamMs: { db: 0.5, 'to-cart': 2 },
  })
  const always = ['time', 'service', 'instance', 'method', 'route', 'path', 'status', 'durationMs']
  expect(Object.keys(second ?? {})).toEqual(always)
})

test('many requests are one write', async () => {
  const sink = sinkOf()
  const log = new RequestLog({ sink, service: 'cart', instance: 'cart-1' })
  for (let count = 0; count < 100; count += 1) log.add(request)
  await log.stop()
  expect(sink.texts).toHaveLength(1)
  expect(linesOf(sink.texts)).toHaveLength(100)
})

test('lines that the reader is too slow for are left out and counted', async () => {
  const sink = sinkOf({ slow: true })
  const log = new RequestLog({ sink, service: 'cart', instance: 'cart-1' })
  const added = 10_000
  for (let count = 0; count < added; count += 1) log.add(request)
  const heldChars = 1_024 * 1_024
  const stopped = log.stop()
  const release = setInterval(() => sink.release(), 1)
  await stopped
  const kept = linesOf(sink.texts).length
  expect(sink.texts.join('').length).toBeGreaterThan(heldChars - 1_000)
  expect(sink.texts.join('').length).toBeLessThan(heldChars + 1_000)
  log.add(request)
  await log.stop()
  clearInterval(release)
  expect(linesOf(sink.texts).at(-1)?.['left_out']).toBe(added - kept)
})
