import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestCluster, type TestCluster } from '../../database/test-cluster.ts'
import { startTestServer } from '../../kit/test-server.ts'
import { openTestService, type TestService } from '../../kit/test-service.ts'
import storageDefinition, { storageSettings } from '../storage/storage.ts'
import documentsDefinition, { documentSettings } from './documents.ts'

type Json = Record<string, unknown>

let cluster: TestCluster
let storage: TestService
let documents: TestService
const bases = [{ ...storageSettings }, { ...documentSettings }] as const

beforeAll(async () => {
  cluster = await startTestCluster()
  const database = cluster.address
  storage = await openTestService(storageDefinition, { database, peers: {} })
  documents = await openTestService(documentsDefinition, { database, peers: { storage } })
})
afterAll(async () => {
  await documents.stop()
  await storage.stop()
  await cluster.stop()
})
afterEach(() => {
  Object.assign(storageSettings, bases[0])
  Object.assign(documentSettings, bases[1])
})

const eventually = (look: () => Promise<void>) =>
  vi.waitFor(look, { timeout: 15_000, interval: 20 })

async function ask(url: string, json?: object): Promise<{ status: number; body: Json }> {
  const answer = await fetch(url, {
    method: json === undefined ? 'GET' : 'POST',
    ...(json && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }),
  })
  return { status: answer.status, body: (await answer.json()) as Json }
}

const wanted = { file_name: 'a.txt', content_type: 'text/plain', document_type: 'invoice' }

async function upload(text: string, url?: string): Promise<{ status: number; fileId: string }> {
  const { body } = await ask(`${storage.url}/presign`, wanted)
  const form = new FormData()
  form.append('file', new Blob([text], { type: 'text/plain' }), 'a.txt')
  const to = url ?? String(body['upload_url'])
  const answer = await fetch(to, { method: 'POST', body: form })
  await answer.body?.cancel()
  return { status: answer.status, fileId: String(body['file_id']) }
}

const process = (json: object) => ask(`${documents.url}/documents/process`, json)

async function documentOf(id: unknown, status: string): Promise<Json> {
  let body: Json = {}
  await eventually(async () => {
    body = (await ask(`${documents.url}/documents/${String(id)}`)).body
    expect(body['status']).toBe(status)
  })
  return body
}

describe('a pre-signed upload', () => {
  test('is for known types of documents only', async () => {
    const presign = (json: object) => ask(`${storage.url}/presign`, { ...wanted, ...json })
    for (const content_type of ['application/pdf', 'image/png', 'text/csv; charset=utf-8']) {
      expect((await presign({ content_type })).status).toBe(200)
    }
    for (const wrong of [
      { content_type: 'video/mp4' },
      { content_type: 'pdf' },
      { document_type: '../x' },
      { file_name: '' },
    ]) {
      expect((await presign(wrong)).status).toBe(400)
    }
  })

  test('is refused once its URL has expired', async () => {
    storageSettings.urlLifetimeS = -2
    const { body } = await ask(`${storage.url}/presign`, wanted)
    storageSettings.urlLifetimeS = 900
    expect((await upload('x', String(body['upload_url']))).status).toBe(403)
    expect((await upload('x')).status).toBe(201)
  })

  test('gives way to newer ones when there is no room', async () => {
    storageSettings.keptFilesMax = 2
    const files = [await upload('one'), await upload('two'), await upload('three')]
    const statuses = await Promise.all(
      files.map(async ({ fileId }) => (await fetch(`${storage.url}/files/${fileId}`)).status),
    )
    expect(statuses).toEqual([404, 200, 200])
  })
})

describe('a document', () => {
  test('is accepted after a look at it, processed, and told to its webhook', async () => {
    const told = Promise.withResolvers<Json>()
    const hook = await startTestServer((incoming, outgoing) => {
      let text = ''
      incoming.on('data', chunk => (text += String(chunk)))
      incoming.on('end', () => {
        outgoing.end()
        told.resolve(JSON.parse(text) as Json)
      })
    })
    const { fileId } = await upload('three words here\n')
    const accepted = await process({ file_id: fileId, pipeline: 'ocr', notify_webhook: hook })
    expect(accepted.status).toBe(202)
    expect(accepted.body).toMatchObject({ format: 'text', webhook: { status: 'accepted' } })
    const { id } = accepted.body
    const result = { words: 3, lines: 1, bytes: 17 }
    expect(await documentOf(id, 'completed')).toMatchObject({ file_id: fileId, result })
    expect(await told.promise).toMatchObject({ id, status: 'completed', pipeline: 'ocr', result })
    const { body } = await ask(`${documents.url}/documents?status=completed&limit=5`)
    expect((body['documents'] as Json[]).map(one => one['id'])).toContain(id)
  })

  test('whose file is not there, or that is asked for wrongly, is refused', async () => {
    expect((await process({ file_id: 'file-unknown' })).status).toBe(404)
    const { fileId: file_id } = await upload('x')
    for (const wrong of [
      {},
      { file_id: '../presign' },
      { file_id, pipeline: 'a b' },
      { file_id, notify_webhook: 'ftp://127.0.0.1/' },
    ]) {
      expect((await process(wrong)).status).toBe(400)
    }
    expect((await ask(`${documents.url}/documents?status=lost`)).status).toBe(400)
    expect((await ask(`${documents.url}/documents/doc-0`)).status).toBe(404)
  })

  test('fails with the reason when its file is gone before it is processed', async () => {
    documentSettings.consumers = 0
    const { fileId } = await upload('soon gone')
    const { body } = await process({ file_id: fileId })
    storageSettings.keptFilesMax = 1
    await upload('newer')
    documentSettings.consumers = 2
    const failed = await documentOf(body['id'], 'failed')
    expect(failed['error']).toBe(`the file ${fileId} is not kept any more`)
  })

  test('waits while functions are throttled; who asks meanwhile gets 429', async () => {
    const { fileId } = await upload('later')
    documentSettings.consumers = 0
    const { body } = await process({ file_id: fileId })
    documentSettings.functionConcurrencyMax = 0
    documentSettings.consumers = 2
    expect((await process({ file_id: fileId })).status).toBe(429)
    await eventually(async () => {
      const page = await (await fetch(`${documents.url}/metrics`)).text()
      expect(page).toMatch(/faas_throttles_total\{faas_name="process-document",\S+ [1-9]/)
    })
    documentSettings.functionConcurrencyMax = 4
    await documentOf(body['id'], 'completed')
  })
})
