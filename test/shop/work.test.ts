import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { testShop, type Json } from './client.ts'

const shop = testShop()
const { ask } = shop

test('a report is queued, made and can be fetched', async () => {
  const headers = { authorization: 'Api-Key lf_demo_cloudnative_api_key' }
  const asked = await Promise.all(
    Array.from({ length: 9 }, () => ask('POST /api/v1/reports/usage', { headers, json: {} })),
  )
  expect(asked.map(answer => answer.status)).toEqual(Array.from({ length: 9 }, () => 202))
  const ids = asked.map(answer => String(answer.body['job_id']))
  const id = ids.at(-1)!
  const seen = new Set<unknown>()
  await vi.waitFor(
    async () => {
      const jobs = await Promise.all(ids.map(one => ask(`GET /api/v1/jobs/${one}`)))
      const states = jobs.map(job => job.body['status'])
      states.forEach(state => seen.add(state))
      expect(new Set(states)).toEqual(new Set(['completed']))
    },
    { timeout: 60_000, interval: 20 },
  )
  expect(seen).toContain('running')
  const { result } = (await ask(`GET /api/v1/jobs/${id}/result`)).body as {
    result: { days: unknown[] }
  }
  expect(result.days).toHaveLength(30)
  const listed = await ask('GET /api/v1/jobs?status=completed&limit=100')
  expect((listed.body['jobs'] as Json[]).map(job => job['id'])).toContain(id)
})

test('a file goes to the storage by a pre-signed URL of its own origin', async () => {
  const headers = { 'x-api-key': 'demo-serverless-key-123456' }
  const json = { file_name: 'a.pdf', content_type: 'application/pdf', document_type: 'invoice' }
  const signed = await ask('POST /api/v1/uploads/presign', { headers, json })
  expect(signed.status).toBe(200)
  const url = String(signed.body['upload_url'])
  expect(new URL(url).origin).toBe(shop.ready.storageUrl)
  expect(shop.ready.storageUrl).not.toBe(shop.ready.url)

  const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251))
  const upload = async (to: string, bytes: Buffer) => {
    const body = new FormData()
    body.append('file', new Blob([new Uint8Array(bytes)]), 'a.pdf')
    const answer = await fetch(to, { method: 'POST', body })
    return { status: answer.status, body: (await answer.json()) as Json }
  }
  const stored = await upload(url, content)
  expect(stored.status).toBe(201)
  const sha256 = createHash('sha256').update(content).digest('hex')
  expect(stored.body).toMatchObject({ file_id: signed.body['file_id'], bytes: 70_000, sha256 })
  expect((await upload(`${url}0`, content)).status).toBe(403)
  expect((await upload(url.replace(/expires=\d+/, 'expires=9999999999'), content)).status).toBe(403)
  expect((await upload(url, Buffer.alloc(11 << 20))).status).toBe(413)
})
