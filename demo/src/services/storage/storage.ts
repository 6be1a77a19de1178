import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { integerParam, textField } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { FileStore } from './file-store.ts'
import { multipartParts } from './multipart.ts'

export const storageSettings = serviceSettings(
  { poolConnectionsMax: 0, bodyBytesMax: 10 << 20 },
  {
    /** How long a pre-signed URL can be used. */
    urlLifetimeS: 900,
    /** Files kept in memory together; the oldest go when a new one does not fit. */
    keptBytesMax: 64 << 20,
    keptFilesMax: 10_000,
  },
)

const definition: ServiceDefinition = { name: 'storage', settings: storageSettings, open }
export default definition

/**
 * Pre-signed uploads: the URL itself is the permission, so nothing is remembered between signing
 * and uploading.
 */
function open({ url, metrics }: ServiceContext): ServiceRoutes {
  const key = randomBytes(32)
  const files = new FileStore(storageSettings)
  const signatureOf = (fileId: string, expires: string) =>
    createHmac('sha256', key).update(`${fileId}\n${expires}`).digest('hex')
  metrics.gauge({
    name: 'storage_kept_bytes',
    help: 'Bytes of the files kept in memory',
    read: () => ({ kept: files.bytes }),
  })
  metrics.gauge({
    name: 'storage_kept_files',
    help: 'Files kept in memory',
    read: () => ({ kept: files.count }),
  })

  const presign = async (request: ShopRequest): Promise<Answer> => {
    const body = await request.json()
    textField(body, 'file_name')
    mustBeKnownType(textField(body, 'content_type'))
    mustBeName(textField(body, 'document_type'))
    const fileId = `file-${randomUUID()}`
    const lifetimeS = storageSettings.urlLifetimeS
    const expires = String(Math.floor(Date.now() / 1000) + lifetimeS)
    const signature = signatureOf(fileId, expires)
    const uploadUrl = `${url}/uploads/${fileId}?expires=${expires}&signature=${signature}`
    return {
      status: 200,
      body: { upload_url: uploadUrl, file_id: fileId, method: 'POST', expires_in: lifetimeS },
    }
  }

  const upload = async (request: ShopRequest): Promise<Answer> => {
    const fileId = request.param('id')
    const expires = request.search.get('expires') ?? ''
    const expected = signatureOf(fileId, expires)
    mustBeSigned({ expected, signature: request.search.get('signature') ?? '', expires })
    const type = request.headers['content-type'] ?? ''
    const part = multipartParts(type, await request.bytes()).find(one => one.filename !== undefined)
    if (!part) throw new Problem(400, 'the body holds no file')
    const { bytes, contentType, filename = '' } = part
    files.keep(fileId, { bytes: Buffer.from(bytes), contentType, filename })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return {
      status: 201,
      body: { file_id: fileId, file_name: filename, bytes: bytes.length, sha256 },
    }
  }

  return {
    routes: [
      { method: 'POST', path: '/presign', handle: presign },
      { method: 'POST', path: '/uploads/:id', handle: upload },
      { method: 'GET', path: '/files/:id', handle: request => download(request, files) },
    ],
  }
}

function mustBeSigned(given: {
  readonly expected: string
  readonly signature: string
  readonly expires: string
}): void {
  const expected = Buffer.from(given.expected)
  const signature = Buffer.from(given.signature)
  const same = expected.length === signature.length && timingSafeEqual(expected, signature)
  if (!same) throw new Problem(403, 'the signature of this URL is not ours')
  if (Number(given.expires) * 1000 < Date.now()) {
    throw new Problem(403, 'this URL has expired; ask for another')
  }
}

/** What documents are made of; anything else has no reader here. */
const knownType =
  /^(text|image)\/[\w.+-]+$|^application\/(pdf|json|xml|zip|msword|octet-stream|vnd\.[\w.+-]+)$/i

function mustBeKnownType(contentType: string): void {
  // 'text/plain; charset=utf-8' is a text/plain.
  if (knownType.test(contentType.replace(/;.*$/, '').trim())) return
  throw new Problem(400, `content_type must be a type of documents, not ${contentType}`)
}

function mustBeName(documentType: string): void {
  if (/^[a-z][\w-]{0,39}$/i.test(documentType)) return
  throw new Problem(400, `document_type must be a name such as invoice, not ${documentType}`)
}

/** For the shop's own services. `first_bytes` asks for so many of them only. */
function download(request: ShopRequest, files: FileStore): Answer {
  const file = files.get(request.param('id'))
  if (!file) throw new Problem(404, `there is no file ${request.param('id')}`)
  const all = storageSettings.bodyBytesMax
  const bytes = integerParam(request.search, 'first_bytes', { min: 0, max: all, default: all })
  const headers = { 'content-type': file.contentType }
  return { status: 200, body: file.bytes.subarray(0, bytes), headers }
}
