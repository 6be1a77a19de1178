import { createHash } from 'node:crypto'

/** What a look at the head of a file tells. */
export interface Inspection {
  /** 'pdf', 'png', 'jpeg', 'gif', 'zip', 'text' or 'binary': by what it begins with. */
  readonly format: string
  /** Distinct words of the table among the first ones; a stand-in for guessing the language. */
  readonly knownWords: number
}

/** What the processing of a whole file yields. */
export interface ProcessedDocument extends Inspection {
  readonly sha256: string
  readonly bytes: number
  readonly pages: number
  readonly lines: number
  readonly words: number
  /** 32 × 32 grey values, the file scaled down to a picture, base64. */
  readonly thumbnail: string
}

/** What a fresh function instance has to make before it can work: see buildTable. */
export type WordTable = Uint32Array

const tableSize = 1 << 16
const thumbnailEdge = 32

/** The table of word hashes, `passes` times mixed: the start-up work of an instance, all CPU. */
export function buildTable(passes: number): WordTable {
  const table = new Uint32Array(tableSize)
  for (let pass = 0; pass <= passes; pass += 1) {
    for (let index = 0; index < tableSize; index += 1) {
      const before = table[(index + tableSize - 1) % tableSize]!
      table[index] = Math.imul(table[index]! ^ (before + index + pass), 0x9e3779b1) >>> 0
    }
  }
  return table
}

const magics: readonly (readonly [format: string, bytes: Buffer])[] = [
  ['pdf', Buffer.from('%PDF-')],
  ['png', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ['jpeg', Buffer.from([0xff, 0xd8, 0xff])],
  ['gif', Buffer.from('GIF8')],
  ['zip', Buffer.from('PK\u0003\u0004')],
]

export function inspectDocument(head: Buffer, table: WordTable): Inspection {
  const magic = magics.find(([, bytes]) => head.subarray(0, bytes.length).equals(bytes))
  const format = magic?.[0] ?? (looksLikeText(head) ? 'text' : 'binary')
  const words = new Set(
    head
      .toString('latin1')
      .toLowerCase()
      .match(/[a-z]{3,}/g) ?? [],
  )
  let knownWords = 0
  for (const word of words) if ((table[hashOf(word) % tableSize]! & 1) === 1) knownWords += 1
  return { format, knownWords }
}

export function processDocument(file: Buffer, table: WordTable): ProcessedDocument {
  const inspection = inspectDocument(file.subarray(0, 4_096), table)
  return {
    ...inspection,
    sha256: createHash('sha256').update(file).digest('hex'),
    bytes: file.length,
    pages: pagesOf(file, inspection.format),
    ...countText(file),
    thumbnail: thumbnailOf(file).toString('base64'),
  }
}

/** Lines as an editor counts them (an end of line at the end begins no other), and words. */
export function countText(file: Uint8Array): { readonly lines: number; readonly words: number } {
  let lines = file.length > 0 && file.at(-1) !== 10 ? 1 : 0
  let words = 0
  let inWord = false
  for (const byte of file) {
    if (byte === 10) lines += 1
    const isSpace = byte === 32 || (byte >= 9 && byte <= 13)
    if (!isSpace && !inWord) words += 1
    inWord = !isSpace
  }
  return { lines, words }
}

/** A PDF's page objects; elsewhere pages are what form feeds divide. An empty file has none. */
function pagesOf(file: Buffer, format: string): number {
  if (file.length === 0) return 0
  const text = file.toString('latin1')
  if (format !== 'pdf') return text.split('\f').length
  return text.match(/\/Type\s*\/Page\b/g)?.length ?? 1
}

/** The file as a square picture of its bytes, each pixel the mean of its share of them. */
function thumbnailOf(file: Uint8Array): Buffer {
  const pixels = Buffer.alloc(thumbnailEdge ** 2)
  for (let pixel = 0; pixel < pixels.length; pixel += 1) {
    const from = Math.floor((pixel * file.length) / pixels.length)
    const to = Math.floor(((pixel + 1) * file.length) / pixels.length)
    let sum = 0
    for (let index = from; index < to; index += 1) sum += file[index]!
    pixels[pixel] = to === from ? 0 : Math.round(sum / (to - from))
  }
  return pixels
}

function looksLikeText(bytes: Uint8Array): boolean {
  const odd = bytes.filter(byte => byte < 9 || (byte > 13 && byte < 32)).length
  return odd <= bytes.length / 100
}

function hashOf(word: string): number {
  let hash = 0
  for (let index = 0; index < word.length; index += 1) {
    hash = (Math.imul(hash, 31) + word.charCodeAt(index)) >>> 0
  }
  return hash
}
