import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { testShop, type Json } from './shop/client.ts'

const shop = testShop()
const { ask } = shop

const eventually = (look: () => Promise<void>) =>
  vi.waitFor(look, { timeout: 60_000, interval: 20 })

const originOf = (service: string) =>
  shop.ready.services.find(one => one.name === service)?.url ?? ''

/** The value of one line of a service's metrics page; its labels may be anything that fits. */
async function metric(service: string, name: string, ...labels: string[]): Promise<number> {
  const page = await (await fetch(`${originOf(service)}/metrics`)).text()
  const line = page.split('\n').find(one => {
    return one.startsWith(`${name}{`) && labels.every(label => one.includes(label))
  })
  return Number(line?.split(' ').at(-1))
}

const reportKey = { authorization: 'Api-Key lf_demo_cloudnative_api_key' }
const uploadKey = { 'x-api-key': 'demo-serverless-key-123456' }

describe('a report', () => {
  const askFor = (json: object) => ask('POST /api/v1/reports/usage', { headers: reportKey, json })

  test('fails with its reason when its range makes no sense', async () => {
    const { status, body } = await askFor({ start_date: '2025-06-02', end_date: '2025-06-01' })
    expect(status).toBe(202)
    const id = String(body['job_id'])
    await eventually(async () => {
      expect((await ask(`GET /api/v1/jobs/${id}`)).body['status']).toBe('failed')
    })
    const result = await ask(`GET /api/v1/jobs/${id}/result`)
    expect(result.body).toMatchObject({ status: 'failed', result: null })
    expect(result.body['error']).toMatch('2025-06-01 lies before start_date 2025-06-02')
    const listed = await ask('GET /api/v1/jobs?status=failed&limit=100')
    expect((listed.body['jobs'] as Json[]).map(job => job['id'])).toContain(id)
  })

  test('has as many days as were asked for', async () => {
    const { body } = await askFor({ start_date: '2025-06-01', end_date: '2025-06-07' })
    const id = String(body['job_id'])
    await eventually(async () => {
      expect((await ask(`GET /api/v1/jobs/${id}`)).body['status']).toBe('completed')
    })
    const { result } = (await ask(`GET /api/v1/jobs/${id}/result`)).body as {
      result: { days: unknown[] }
    }
    expect(result.days).toHaveLength(7)
  })

  test('is refused when it is nonsense, and without its key', async () => {
    for (const json of [{ start_date: 'soon' }, { end_date: '2025-02-30' }, { start_date: 5 }]) {
      expect((await askFor(json)).status).toBe(400)
    }
    expect((await ask('POST /api/v1/reports/usage', { json: {} })).status).toBe(401)
    expect((await ask('GET /api/v1/jobs/job-0')).status).toBe(404)
    expect((await ask('GET /api/v1/jobs?status=lost')).status).toBe(400)
  })
})

test('notifications are accepted at once and sent, each customer in order', async () => {
  const origin = originOf('notification')
  const users = ['usr-a', 'usr-b', 'usr-c']
  const notify = async (n: number) => {
    const order_id = `ord-${n}`
    const json = { user_id: users[n % 3], kind: 'order-confirmed', data: { order_id, total: n } }
    return (await ask(`POST ${origin}/notifications`, { json })).status
  }
  for (let n = 0; n < 60; n += 1) expect(await notify(n)).toBe(202)
  for (const [index, user] of users.entries()) {
    await eventually(async () => {
      const { body } = await ask(`GET ${origin}/notifications?user_id=${user}&limit=100`)
      const subjects = (body['notifications'] as Json[]).map(sent => sent['subject'])
      const expected = Array.from({ length: 20 }, (_, n) => {
        return `Your order ord-${(19 - n) * 3 + index} is confirmed`
      })
      expect(subjects).toEqual(expected)
    })
  }
  const topic = 'messaging_destination_name="notifications"'
  const sent = await metric('notification', 'messaging_client_sent_messages_total', topic)
  expect(sent).toBeGreaterThanOrEqual(60)
  await eventually(async () => {
    const depth = (state: string) =>
      metric('notification', 'messaging_queue_depth', topic, `state="${state}"`)
    expect([await depth('waiting'), await depth('leased'), await depth('failed')]).toEqual([
      ...[0, 0, 0],
    ])
  })
  expect((await ask(`POST ${origin}/notifications`, { json: {} })).status).toBe(400)
})

test('a file goes from its upload through a cold function to its webhook', async () => {
  const { promise: told, resolve: tell } = Promise.withResolvers<Json>()
  const hook = createServer((incoming, outgoing) => {
    let text = ''
    incoming.on('data', chunk => (text += String(chunk)))
    incoming.on('end', () => {
      outgoing.end()
      tell(JSON.parse(text) as Json)
    })
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const signed = await ask('POST /api/v1/uploads/presign', {
    headers: uploadKey,
    json: { file_name: 'a.txt', content_type: 'text/plain', document_type: 'invoice' },
  })
  const text = 'invoice number 7\nfour more words here\n'
  const form = new FormData()
  form.append('file', new Blob([text], { type: 'text/plain' }), 'a.txt')
  const stored = await fetch(String(signed.body['upload_url']), { method: 'POST', body: form })
  expect(stored.status).toBe(201)

  const notify_webhook = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/done`
  const json = { file_id: signed.body['file_id'], pipeline: 'invoice-v2', notify_webhook }
  const first = await ask('POST /api/v1/documents/process', { json })
  expect(first.status).toBe(202)
  const result = {
    ...{ lines: 2, words: 7, pages: 1, bytes: text.length },
    sha256: createHash('sha256').update(text).digest('hex'),
  }
  expect(await told).toMatchObject({ id: first.body['document_id'], status: 'completed', result })
  hook.close()

  const elsewhere = { ...json, notify_webhook: 'https://hooks.example.com/done' }
  const second = await ask('POST /api/v1/documents/process', { json: elsewhere })
  expect(second.body).toMatchObject({ webhook: { status: 'ignored' } })
  await eventually(async () => {
    const listed = await ask('GET /api/v1/documents?status=completed&limit=10')
    const ids = (listed.body['documents'] as Json[]).map(one => one['document_id'])
    expect(ids).toEqual([second.body['document_id'], first.body['document_id']])
  })
  // The second look found the first one's instance warm.
  const inspect = 'faas_name="inspect-document"'
  expect(await metric('documents', 'faas_invocations_total', inspect)).toBe(2)
  expect(await metric('documents', 'faas_coldstarts_total', inspect)).toBe(1)
})

test("the bank's refusal of a card reaches the client as 402", async () => {
  const pay = (method: string) =>
    ask('POST /payments', { json: { order_id: 'ord-async', amount: 12.5, method } })
  expect((await pay('tok_chargeDeclined')).status).toBe(402)
  expect((await pay('tok_visa')).status).toBe(200)
})
