import { beforeAll, expect, test } from 'vitest'
import { useShop, type Ask, type Load } from '../shop-faults.ts'

const shop = useShop()
let fileId = ''

beforeAll(async () => {
  const presign: Ask = {
    line: 'POST /api/v1/uploads/presign',
    headers: { 'x-api-key': 'demo-serverless-key-123456' },
    json: { file_name: 'a.txt', content_type: 'text/plain', document_type: 'invoice' },
  }
  const { body, status } = await shop.ask(presign)
  expect(status).toBe(200)
  const signed = JSON.parse(body) as { upload_url: string; file_id: string }
  const form = new FormData()
  form.set('file', new Blob(['a line of text\n'.repeat(200)], { type: 'text/plain' }), 'a.txt')
  expect((await fetch(signed.upload_url, { method: 'POST', body: form })).status).toBe(201)
  fileId = signed.file_id
})

const processing = (clients: number): Load => ({
  clients,
  ask: () => ({
    line: 'POST /api/v1/documents/process',
    json: { file_id: fileId, pipeline: 'standard' },
  }),
})
const number = (metric: string) => shop.number({ service: 'documents', metric: `faas_${metric}` })

test('cold-starts: every document waits for a new instance', async () => {
  await shop.run(processing(1), 5)
  const before = await shop.run(processing(1), 20)
  expect(before.statuses).toEqual({ 202: 20 })
  await shop.setFault('cold-starts', { idleMs: 0, initPasses: 500 })
  const started = await number('coldstarts_total')
  const during = await shop.run(processing(1), 5)
  expect(during.statuses).toEqual({ 202: 5 })
  expect((await number('coldstarts_total')) - started).toBeGreaterThanOrEqual(5)
  expect(during.medianMs).toBeGreaterThan(3 * before.medianMs)
  await shop.clearFault('cold-starts')
  await shop.until(processing(1), 20, answers => {
    expect(answers.medianMs).toBeLessThan(during.medianMs / 3)
  })
})

test('concurrency-limit: what comes at the same time is refused with 429', async () => {
  await shop.run(processing(4), 20)
  expect(await number('throttles_total')).toBe(0)
  await shop.setFault('concurrency-limit', { invocationsMax: 1, initPasses: 10 })
  expect(await number('concurrency_limit')).toBe(1)
  const during = await shop.until(processing(6), 200, answers => {
    expect(answers.share(429)).toBeGreaterThan(0.2)
    expect(answers.share(202)).toBeGreaterThan(0)
  })
  expect(during.share(202, 429)).toBe(1)
  expect(await number('throttles_total')).toBeGreaterThan(10)
  await shop.clearFault('concurrency-limit')
  expect((await shop.run(processing(6), 50)).statuses).toEqual({ 202: 50 })
})
