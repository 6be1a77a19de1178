import { expect, test } from 'vitest'
import type { UserSpan } from '../../metrics/index.ts'
import type { FromWorker } from '../messages.ts'
import { SpanBuffer } from './span-buffer.ts'

const span: UserSpan = {
  ...({ kind: 'iteration', scenario: 'shop', name: 'shop', failure: undefined } as const),
  ...{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), parentSpanId: '' },
  ...{ startedAtUs: 0, endedAtUs: 1, userId: 0, iteration: 0, request: undefined },
}

function batches(messages: readonly FromWorker[]) {
  return messages.flatMap(message => (message.kind === 'spans' ? [message.batch] : []))
}

test('spans go out 500 at a time and with each second', () => {
  const messages: FromWorker[] = []
  const buffer = new SpanBuffer(0, message => messages.push(message))
  for (let i = 0; i < 620; i++) buffer.add(span)
  buffer.nextSecond()
  buffer.nextSecond()
  expect(batches(messages).map(({ spans }) => spans.length)).toEqual([500, 120])
})

test('after 5,000 spans in a second iterations are left out, and counted, until the next', () => {
  const messages: FromWorker[] = []
  const buffer = new SpanBuffer(0, message => messages.push(message))
  for (let i = 0; i < 5000; i++) buffer.add(span)
  expect([buffer.takeIteration(), buffer.takeIteration()]).toEqual([false, false])
  // One that is under way ends.
  buffer.add(span)
  buffer.nextSecond()
  expect(buffer.takeIteration()).toBe(true)
  const all = batches(messages)
  expect(all.reduce((sum, one) => sum + one.spans.length, 0)).toBe(5001)
  expect(all.at(-1)).toMatchObject({ iterationsLeftOut: 2, spansLost: 0 })
})

test('what iterations under way add has a limit, too, and is counted', () => {
  const messages: FromWorker[] = []
  const buffer = new SpanBuffer(0, message => messages.push(message))
  for (let i = 0; i < 20_010; i++) buffer.add(span)
  buffer.nextSecond()
  const all = batches(messages)
  expect(all.reduce((sum, one) => sum + one.spans.length, 0)).toBe(20_000)
  expect(all.reduce((sum, one) => sum + one.spansLost, 0)).toBe(10)
})
