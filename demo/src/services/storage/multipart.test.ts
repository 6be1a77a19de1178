import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { multipartParts } from './multipart.ts'

const type = 'multipart/form-data; boundary=frontier'
const body = (...lines: string[]) => Buffer.from(lines.join('\r\n'))

describe('a multipart body', () => {
  test('yields its fields and files', () => {
    const parts = multipartParts(
      type,
      body(
        ...['--frontier', 'Content-Disposition: form-data; name="note"', '', 'hello'],
        '--frontier',
        'content-disposition: form-data; name="file"; filename="a.pdf"',
        'Content-Type: application/pdf',
        ...['', 'line 1', 'line 2', '--frontier--', ''],
      ),
    )
    expect(parts.map(part => ({ ...part, bytes: part.bytes.toString() }))).toEqual([
      { name: 'note', filename: undefined, contentType: 'text/plain', bytes: 'hello' },
      {
        name: 'file',
        filename: 'a.pdf',
        contentType: 'application/pdf',
        bytes: 'line 1\r\nline 2',
      },
    ])
  })

  test('of any bytes comes out as a browser-like client put it in', async () => {
    const files = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(files, async contents => {
        const form = new FormData()
        contents.forEach((bytes, index) => {
          form.append('file', new Blob([bytes.slice()]), `f${index}.bin`)
        })
        const sent = new Response(form)
        const contentType = sent.headers.get('content-type') ?? ''
        const parts = multipartParts(contentType, Buffer.from(await sent.arrayBuffer()))
        expect(parts.map(part => [...part.bytes])).toEqual(contents.map(bytes => [...bytes]))
        expect(parts.map(part => part.filename)).toEqual(contents.map((_, i) => `f${i}.bin`))
      }),
    )
  })

  test('that breaks off anywhere is refused, never taken as whole', () => {
    const whole = body(
      ...['--frontier', 'content-disposition: form-data; name="file"; filename="a"', ''],
      ...['content', '--frontier--'],
    )
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => multipartParts(type, whole.subarray(0, length))).toThrow('is broken')
    }
    expect(multipartParts(type, whole)).toHaveLength(1)
  })

  test('of another type, without boundary, or with a nameless part is refused', () => {
    const nameless = body('--frontier', 'content-type: text/plain', '', 'x', '--frontier--')
    expect(() => multipartParts('application/pdf', nameless)).toThrow('multipart/form-data')
    expect(() => multipartParts('multipart/form-data', nameless)).toThrow('with a boundary')
    expect(() => multipartParts(type, nameless)).toThrow('no name')
  })
})
