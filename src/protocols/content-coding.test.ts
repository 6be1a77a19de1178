import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeContent } from './content-coding.ts'

const encoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  identity: bytes => bytes,
}

test('any codings, one on top of the other, are taken off again', () => {
  const codings = fc.array(fc.constantFrom(...Object.keys(encoders)), { maxLength: 4 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), codings, (bytes, names) => {
      const encoded = names.reduce<Uint8Array>(
        (body, name) => encoders[name]?.(body) ?? body,
        bytes,
      )
      const decoded = decodeContent(encoded, names.join(', ').toUpperCase(), 100_000)
      expect(Buffer.compare(decoded, bytes)).toBe(0)
    }),
  )
})

test('deflate without the zlib wrapping is understood', () => {
  const raw = deflateRawSync(Buffer.from('hello '.repeat(20)))
  expect(Buffer.from(decodeContent(raw, 'deflate', 1_000)).toString()).toBe('hello '.repeat(20))
})

test('an empty body stays empty whatever it declares', () => {
  expect(decodeContent(new Uint8Array(0), 'gzip', 10)).toHaveLength(0)
})

describe('fails in words', () => {
  const bomb = Buffer.alloc(3_000_000)
  test.each(['gzip', 'deflate', 'br', 'zstd'])('when %s grows beyond the limit', name => {
    const encoded = encoders[name]?.(bomb) as Uint8Array
    expect(() => decodeContent(encoded, name, 1_000_000)).toThrow(
      `body grows beyond 1000000 bytes when decoded from ${name}`,
    )
  })

  test.each(['gzip', 'deflate', 'br', 'zstd'])('when it is not %s', name => {
    const text = Buffer.from('{"this is":"JSON"}')
    expect(() => decodeContent(text, name, 1_000)).toThrow(`body is not valid ${name}`)
  })

  test.each(['gzip', 'deflate', 'br', 'zstd'])('when %s is cut', name => {
    const random = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919) % 251))
    const encoded = encoders[name]?.(random) as Uint8Array
    expect(() => decodeContent(encoded.subarray(0, encoded.length - 20), name, 1_000)).toThrow(
      `body is not valid ${name}`,
    )
  })

  test('when the coding is unknown, or there are too many', () => {
    const body = Buffer.from('x')
    expect(() => decodeContent(body, 'compress', 10)).toThrow('unknown content coding "compress"')
    expect(() => decodeContent(body, 'constructor', 10)).toThrow('unknown content coding')
    expect(() => decodeContent(body, 'gzip,'.repeat(9), 10)).toThrow('body has 9 content codings')
  })
})
