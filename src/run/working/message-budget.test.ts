import { expect, test } from 'vitest'
import type { FromWorker } from '../messages.ts'
import { MessageBudget } from './message-budget.ts'

function budget() {
  const sent: FromWorker[] = []
  return { sent, budget: new MessageBudget(3, message => sent.push(message)) }
}
const errorsIn = (sent: readonly FromWorker[]) =>
  sent.flatMap(message =>
    message.kind === 'scriptError' ? [[message.message, message.count]] : [],
  )

test('the first error of its kind goes out at once, its repeats once a second', () => {
  const { sent, budget: messages } = budget()
  for (let i = 0; i < 5; i++) messages.scriptError('shopper', 'a.ts:1:1: Error: x')
  expect(errorsIn(sent)).toEqual([['a.ts:1:1: Error: x', 1]])
  messages.flush()
  messages.flush()
  expect(errorsIn(sent)).toEqual([
    ['a.ts:1:1: Error: x', 1],
    ['a.ts:1:1: Error: x', 4],
  ])
})

test('every error is counted, however many kinds there are', () => {
  const { sent, budget: messages } = budget()
  for (let i = 0; i < 1000; i++) messages.scriptError('shopper', `Error: ${i}`)
  messages.flush()
  const counts = errorsIn(sent).map(([, count]) => Number(count))
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000)
  expect(sent.length).toBeLessThan(60)
})

test('at most 100 log lines a second are sent, the rest is counted', () => {
  const { sent, budget: messages } = budget()
  for (let i = 0; i < 250; i++) messages.log('info', `line ${i}`)
  messages.flush()
  expect(sent).toHaveLength(101)
  const last = sent.at(-1)
  expect(last?.kind === 'log' && `${last.level}: ${last.message}`).toMatch(/^warn: 150 more/)
  messages.log('info', 'the next second')
  expect(sent.at(-1)).toMatchObject({ worker: 3, message: 'the next second' })
})
