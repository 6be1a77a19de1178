import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildTable, countText, inspectDocument, processDocument } from './document-work.ts'

const table = buildTable(0)

test('a text is counted, hashed and drawn', () => {
  const file = Buffer.from('one two\nthree\f\nfour  five')
  const done = processDocument(file, table)
  expect(done).toMatchObject({ format: 'text', bytes: 25, pages: 2, lines: 3, words: 5 })
  expect(done.sha256).toBe(createHash('sha256').update(file).digest('hex'))
  expect(Buffer.from(done.thumbnail, 'base64')).toHaveLength(1_024)
})

test('a thumbnail pixel is the mean of its share of the bytes', () => {
  const file = Buffer.concat([
    Buffer.alloc(2_048, 10),
    Buffer.alloc(2_046, 30),
    Buffer.from([1, 4]),
  ])
  const pixels = Buffer.from(processDocument(file, table).thumbnail, 'base64')
  // 4,096 bytes in 1,024 pixels: four a pixel. The last holds 30, 30, 1, 4: a mean of 16.25.
  expect([pixels[0], pixels[511], pixels[512], pixels[1_022], pixels[1_023]]).toEqual([
    ...[10, 10, 30, 30, 16],
  ])
})

test('a PDF has as many pages as page objects; its tree of pages is none', () => {
  const pdf = '%PDF-1.7\n/Type /Pages /Count 2\n/Type /Page\n/Type/Page\n'
  expect(processDocument(Buffer.from(pdf), table)).toMatchObject({ format: 'pdf', pages: 2 })
})

test('what a file is shows in how it begins', () => {
  const formatOf = (bytes: readonly number[]) => inspectDocument(Buffer.from(bytes), table).format
  expect(formatOf([0x89, 0x50, 0x4e, 0x47, 0, 0])).toBe('png')
  expect(formatOf([0xff, 0xd8, 0xff, 0xe0])).toBe('jpeg')
  expect(formatOf([...Buffer.from('GIF89a')])).toBe('gif')
  expect(formatOf([...Buffer.from('PK'), 3, 4])).toBe('zip')
  expect(formatOf([0, 1, 2, 3])).toBe('binary')
  expect(formatOf([])).toBe('text')
})

test('an empty file is processed like any other', () => {
  expect(processDocument(Buffer.alloc(0), table)).toMatchObject({
    ...{ bytes: 0, pages: 0, lines: 0, words: 0, format: 'text' },
  })
})

test('lines and words are those that splitting the text gives', () => {
  const letters = fc.constantFrom('a', 'b', ' ', '\n', '\t', '\r')
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 60 }), text => {
      const words = text.split(/\s+/).filter(word => word !== '').length
      const lines = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
      expect(countText(Buffer.from(text))).toEqual({ lines, words })
    }),
  )
})

test('the table of an instance is the same every time, and other passes make another', () => {
  expect(buildTable(2)).toEqual(buildTable(2))
  expect(buildTable(2)).not.toEqual(buildTable(3))
})
