/**
 * A file upload by a pre-signed URL: the shop hands out an absolute URL of its storage, another
 * origin, and the file goes there as multipart/form-data. Session headers such as authorization or
 * an API key stay with the shop: they are never sent to another origin.
 *
 *   npx loadstone run examples/upload.ts
 */
import { between, scenario } from 'loadstone'

export default scenario('upload', {
  target: 'http://127.0.0.1:8080',
  load: { users: 5, rampUp: '2s', duration: '30s' },
  thinkTime: between('0.5s', '1s'),

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
    const { upload_url: uploadUrl } = presigned.json<{ upload_url: string }>()

    const lines = Array.from({ length: user.random.int(20, 400) }, (_, line) => `line ${line}`)
    await user.http.post(uploadUrl, {
      name: 'POST storage upload',
      multipart: { file: { content: lines.join('\n'), filename: name, type: 'text/plain' } },
      expect: 201,
    })
  },
})
