import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { UsageError } from '../base/index.ts'
import { buildMultipart, type Multipart } from './multipart.ts'

async function bytesOf({ body }: Multipart): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts)
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'loadstone-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('parts in memory become bytes, exactly so', async () => {
  const multipart = buildMultipart(
    [
      { name: 'title', content: 'schön' },
      { name: 'photo', content: Buffer.from([0, 1, 255]), filename: 'a.PNG' },
      { name: 'raw', content: new Uint8Array([65]), type: 'text/x-one' },
    ],
    'XX',
  )
  const expected = Buffer.concat([
    Buffer.from('--XX\r\ncontent-disposition: form-data; name="title"\r\n\r\nschön\r\n'),
    Buffer.from('--XX\r\ncontent-disposition: form-data; name="photo"; filename="a.PNG"\r\n'),
    Buffer.from('content-type: image/png\r\n\r\n'),
    Buffer.from([0, 1, 255]),
    Buffer.from('\r\n--XX\r\ncontent-disposition: form-data; name="raw"\r\n'),
    Buffer.from('content-type: text/x-one\r\n\r\nA\r\n--XX--\r\n'),
  ])
  expect(multipart.contentType).toBe('multipart/form-data; boundary=XX')
  expect(multipart.lengthBytes).toBe(expected.length)
  expect((await bytesOf(multipart)).toString('latin1')).toBe(expected.toString('latin1'))
})

test('no parts at all is a body too', async () => {
  expect((await bytesOf(buildMultipart([], 'b'))).toString()).toBe('--b--\r\n')
})

test('quotes and line breaks in names cannot break out', async () => {
  const name = 'a"; filename="x\r\ncontent-type: evil'
  const text = (await bytesOf(buildMultipart([{ name, content: 'v' }], 'b'))).toString()
  expect(text).toContain('name="a%22; filename=%22x%0D%0Acontent-type: evil"\r\n\r\nv\r\n')
})

test("whatever the parts hold, the platform's own parser reads them back", async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  const part = fc.record({ name: text, bytes: fc.uint8Array({ maxLength: 200 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async parts => {
      const multipart = buildMultipart(
        parts.map(({ name, bytes }) => ({ name, content: bytes, filename: 'f.bin' })),
        'boundary-that-does-not-occur',
      )
      const { contentType, body } = multipart
      const answer = new Response(body as Uint8Array<ArrayBuffer>, {
        headers: { 'content-type': contentType },
      })
      const read = await Promise.all(
        [...(await answer.formData())].map(async ([name, value]) => {
          const bytes = value instanceof Blob ? await value.bytes() : Buffer.from(value)
          return { name, bytes: Buffer.from(bytes).toString('hex') }
        }),
      )
      // The parser undoes our three escapes; a name that holds such an escape itself is its loss.
      const written = parts.map(({ name, bytes }) => ({
        name: name.replaceAll('%22', '"').replaceAll(/%0d/gi, '\r').replaceAll(/%0a/gi, '\n'),
        bytes: Buffer.from(bytes).toString('hex'),
      }))
      expect(read).toEqual(written)
    }),
    { numRuns: 200 },
  )
})

describe('a file', () => {
  test('is streamed with its own name, type and known length, as often as wanted', async () => {
    const file = join(folder(), 'prices.csv')
    writeFileSync(file, 'a,b\n'.repeat(50_000))
    const multipart = buildMultipart([{ name: 'list', file }], 'XX')
    expect(multipart.body).not.toBeInstanceOf(Uint8Array)
    const [first, second] = [await bytesOf(multipart), await bytesOf(multipart)]
    expect(first.length).toBe(multipart.lengthBytes)
    expect(first.equals(second)).toBe(true)
    const text = first.toString()
    expect(text.startsWith('--XX\r\ncontent-disposition: form-data; name="list"; filename=')).toBe(
      true,
    )
    expect(text).toContain('filename="prices.csv"\r\ncontent-type: text/csv\r\n\r\na,b\n')
    expect(text.endsWith('a,b\n\r\n--XX--\r\n')).toBe(true)
  })

  test('takes the given name and type, and an unknown ending is plain bytes', async () => {
    const file = join(folder(), 'x.unknown')
    writeFileSync(file, '')
    const parts = [
      { name: 'a', file },
      { name: 'b', file, filename: 'y.json', type: 'text/special' },
    ]
    const text = (await bytesOf(buildMultipart(parts, 'XX'))).toString()
    expect(text).toContain('filename="x.unknown"\r\ncontent-type: application/octet-stream\r\n')
    expect(text).toContain('filename="y.json"\r\ncontent-type: text/special\r\n')
  })

  test('that grows is sent up to its length; that shrinks breaks the body off', async () => {
    const file = join(folder(), 'a.txt')
    writeFileSync(file, 'hello')
    const multipart = buildMultipart([{ name: 'a', file }], 'XX')
    appendFileSync(file, ' world')
    expect((await bytesOf(multipart)).length).toBe(multipart.lengthBytes)
    truncateSync(file, 3)
    await expect(bytesOf(multipart)).rejects.toThrow('a file changed while it was sent')
  })

  test('that is missing, or a folder, is named', () => {
    const missing = () => buildMultipart([{ name: 'a', file: '/no/such/file' }], 'XX')
    expect(missing).toThrow(UsageError)
    expect(missing).toThrow('/no/such/file cannot be read')
    expect(() => buildMultipart([{ name: 'a', file: tmpdir() }], 'XX')).toThrow('is a folder')
  })
})

test.each([
  ['type', [{ name: 'a', content: 'x', type: 'text/plain\r\nx: y' }], 'XX'],
  ['boundary', [], 'a"b'],
  ['boundary', [], ''],
])('a %s that would break the head is refused', (what, parts, boundary) => {
  expect(() => buildMultipart(parts, boundary)).toThrow(new RegExp(`multipart: the ${what}`))
})
