/**
 * A file by a pre-signed URL, and what is made of it. The shop hands out an absolute URL of its
 * storage, another origin, and the file goes there as multipart/form-data: session headers such as
 * an API key stay with the shop and are never sent to another origin. Then the document is
 * processed in the background: `poll` measures how long that takes, and one that fails is counted.
 * The webhook is not called: the shop calls only 127.0.0.1, and says so.
 *
 *   npx loadstone run examples/upload-and-process.ts
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { between, plan, scenario } from 'loadstone'

interface Document {
  readonly status: 'queued' | 'processing' | 'completed' | 'failed'
}

export const uploadAndProcess = scenario('upload and process', {
  target: 'http://127.0.0.1:8080',
  load: { users: 5, rampUp: '2s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),

  async onStart(user) {
    user.http.headers.set('x-api-key', user.env.API_KEY ?? 'demo-serverless-key-123456')
  },

  async iteration(user) {
    const name = `receipt-${user.id}-${user.iteration}.txt`
    const presigned = await user.http.post('/api/v1/uploads/presign', {
      json: { file_name: name, content_type: 'text/plain', document_type: 'receipt' },
      expect: 200,
      required: true,
    })
    const { upload_url: uploadUrl, file_id: fileId } = presigned.json<{
      upload_url: string
      file_id: string
    }>()

    const lines = Array.from({ length: user.random.int(20, 400) }, (_, line) => `line ${line}`)
    await user.http.post(uploadUrl, {
      name: 'POST storage upload',
      multipart: { file: { content: lines.join('\n'), filename: name, type: 'text/plain' } },
      expect: 201,
      required: true,
    })

    const accepted = await user.http.post('/api/v1/documents/process', {
      json: {
        file_id: fileId,
        pipeline: 'standard',
        notify_webhook: 'https://hooks.example.com/documents',
      },
      expect: 202,
      required: true,
    })
    const { document_id: id } = accepted.json<{ document_id: string }>()

    const status = await user.poll(
      'document processed',
      { every: '200ms', timeout: '20s' },
      async () => {
        const document = await user.http.get('/api/v1/documents/:id', {
          params: { id },
          expect: 200,
          check: { 'has not failed': answer => answer.json<Document>().status !== 'failed' },
        })
        if (!document.ok) return 'failed'
        return document.json<Document>().status === 'completed' && 'completed'
      },
    )
    if (status === 'completed') {
      await user.http.get('/api/v1/documents', { query: { status, limit: 10 }, expect: 200 })
    }
  },
})

export default plan({
  scenarios: [uploadAndProcess],
  warmUp: '5s',
  thresholds: [
    'document processed: p95 < 10s',
    'POST storage upload: p95 < 1s',
    'POST /api/v1/uploads/presign: p95 < 1s',
    'errors < 1%',
  ],
})
