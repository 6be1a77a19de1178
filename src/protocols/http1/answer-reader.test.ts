import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBuffer } from '../network/read-buffer.ts'
import { nodeReading, notComplete, type Reading } from '../testing/node-answer.ts'
import { AnswerReader, readState } from './answer-reader.ts'
import { Http1Answer } from './answer.ts'

const limits = { bodyBytes: 10_000_000, headBytes: 1_000_000 }

/** Reads the parts one after the other from one buffer that is overwritten each time. */
function ownReading(parts: readonly Buffer[], method: string): Reading {
  const reader = new AnswerReader()
  reader.begin(method, limits.bodyBytes, limits.headBytes)
  let state: number = readState.more
  for (const part of parts) {
    if (state !== readState.more || part.length === 0) continue
    readBuffer.fill(0xaa, 0, part.length + 64)
    part.copy(readBuffer)
    state = reader.read(readBuffer, part.length)
  }
  readBuffer.fill(0xbb, 0, 1_000)
  if (state === readState.more) state = reader.end()
  if (state !== readState.complete) {
    expect(reader.fault).toMatch(/^(invalid answer: |closed early$)/)
    return notComplete
  }
  const answer = new Http1Answer(exchange, reader)
  return {
    complete: true,
    status: answer.status,
    headers: answer.headerEntries(),
    body: Buffer.from(answer.rawBody).toString('latin1'),
  }
}

const exchange = {
  ...{ failure: undefined, maxBodyBytes: limits.bodyBytes, startedAtUs: 0, sentAtUs: 0 },
  ...{ firstByteAtUs: 0, endedAtUs: 0, opening: undefined, isReused: false },
  ...{ bytesIn: 1, bytesOut: 1, retries: 0 },
}

async function expectSameAtEverySplit(text: string, method = 'GET'): Promise<Reading> {
  const bytes = Buffer.from(text, 'latin1')
  const node = await nodeReading(bytes, method)
  const whole = ownReading([bytes], method)
  expect({ text, ...whole }).toEqual({ text, ...node })
  for (let at = 1; at < bytes.length; at++) {
    const cut = ownReading([bytes.subarray(0, at), bytes.subarray(at)], method)
    if (!isSame(cut, node)) expect({ text, at, ...cut }).toEqual({ text, at, ...node })
  }
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
  expect({ text, ...ownReading(single, method) }).toEqual({ text, ...node })
  return node
}

/** toEqual at every split would take seconds. */
function isSame(a: Reading, b: Reading): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

const ok = 'HTTP/1.1 200 OK\r\n'
const chunks = `${ok}Transfer-Encoding: chunked\r\n\r\n`
const chunksLater = chunks.slice(ok.length)
const hi = `${ok}Content-Length: 2\r\n\r\nhi`
const every = String.fromCharCode(...Array(256).keys())

const complete: Readonly<Record<string, string>> = {
  'a body of declared length': `${ok}Content-Length: 5\r\nX: y\r\n\r\nhello`,
  'an empty body': `${ok}content-length:0\r\n\r\n`,
  'a body until close': `${ok}Server: x\r\n\r\nall the rest`,
  'no headers and no body': `${ok}\r\n`,
  'no reason': 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi',
  'an empty reason': 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi',
  'HTTP/1.0': 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  'status 404 and a long reason':
    'HTTP/1.1 404 Not Found At All: really\r\ncontent-length: 1\r\n\r\n!',
  'an unusual status': 'HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n',
  'empty lines before the answer': `\r\n\r\n${hi}`,
  'blanks around values': `${ok}A: \t b c \t\r\nB:\r\nC:  \r\nContent-Length: \t2 \r\n\r\nhi`,
  'Latin-1 in values': `${ok}A: caf\xe9 \xff\r\nContent-Length: 2\r\n\r\nhi`,
  'every byte in the body': `${ok}Content-Length: 256\r\n\r\n${every}`,
  'the same header twice': `${ok}Set-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n`,
  'one chunk': `${chunks}5\r\nhello\r\n0\r\n\r\n`,
  'several chunks': `${ok}transfer-encoding: Chunked\r\n\r\n1\r\nh\r\nA\r\n0123456789\r\n0\r\n\r\n`,
  'chunks with extensions': `${chunks}2;a=b;c="d e"\r\nhi\r\n0;last\r\n\r\n`,
  'a trailer': `${chunks}2\r\nhi\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`,
  'no chunk at all': `${chunks}0\r\n\r\n`,
  'chunk sizes with zeros in front': `${chunks}0002\r\nhi\r\n000\r\n\r\n`,
  'two transfer codings': `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
  'transfer codings on two lines': `${ok}Transfer-Encoding: gzip\r\n${chunksLater}0\r\n\r\n`,
  'a transfer coding that is not chunked': `${ok}Transfer-Encoding: gzip\r\n\r\nuntil close`,
  'chunked as the end of another word': `${ok}Transfer-Encoding: x chunked\r\n\r\nuntil close`,
  'chunked that is not last': `${ok}Transfer-Encoding: chunked, gzip\r\n\r\nuntil close`,
  '100 before the answer': `HTTP/1.1 100 Continue\r\n\r\n${hi}`,
  '103 with headers, twice': `HTTP/1.1 103 A\r\nLink: </a>\r\n\r\nHTTP/1.1 103 B\r\n\r\n${hi}`,
  '204': 'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n',
  '304': 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
  'an upgrade offered': `${ok}Upgrade: h2c\r\nConnection: Upgrade\r\n${hi.slice(ok.length)}`,
}

const invalid: Readonly<Record<string, string>> = {
  'a shorter body than declared': `${ok}Content-Length: 6\r\n\r\nhello`,
  'a head without end': `${ok}Content-Length: 5\r\n`,
  'nothing at all': '',
  'two different lengths': `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
  'the same length twice': `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  'a list of lengths': `${ok}Content-Length: 5, 5\r\n\r\nhello`,
  'a negative length': `${ok}Content-Length: -5\r\n\r\nhello`,
  'a length with a plus': `${ok}Content-Length: +5\r\n\r\nhello`,
  'an empty length': `${ok}Content-Length: \r\n\r\nhello`,
  'a hexadecimal length': `${ok}Content-Length: 0x5\r\n\r\nhello`,
  'a length beyond 64 bits': `${ok}Content-Length: 99999999999999999999\r\n\r\nhello`,
  'length and chunked': `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked and length': `${ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  'an empty transfer-encoding': `${ok}Transfer-Encoding:\r\n\r\nhello`,
  'a folded header': `${ok}A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
  'a folded first line': `${ok} A: b\r\nContent-Length: 0\r\n\r\n`,
  'a bare LF after the status line': 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n',
  'a bare LF after a header': `${ok}Content-Length: 0\n\r\n`,
  'a bare LF at the end of the head': `${ok}Content-Length: 0\r\n\n`,
  'a bare CR in a header': `${ok}A: b\rc\r\nContent-Length: 0\r\n\r\n`,
  'a blank before the colon': `${ok}A : b\r\nContent-Length: 0\r\n\r\n`,
  'a header without colon': `${ok}hello\r\nContent-Length: 0\r\n\r\n`,
  'a header without name': `${ok}: b\r\nContent-Length: 0\r\n\r\n`,
  'a NUL in a value': `${ok}A: b\0c\r\nContent-Length: 0\r\n\r\n`,
  'a control character in a name': `${ok}A\x01: b\r\nContent-Length: 0\r\n\r\n`,
  garbage: 'SSH-2.0-OpenSSH_9.2\r\n',
  'a request': 'GET / HTTP/1.1\r\nhost: a\r\n\r\n',
  TLS: '\x15\x03\x01\x00\x02\x02\x46',
  'an HTML page without head': '<html>hello</html>',
  'version 3': 'HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'version 1.2': 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'a status in letters': 'HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n',
  'a chunk size in letters': `${chunks}xyz\r\nhi\r\n0\r\n\r\n`,
  'an empty chunk size': `${chunks}\r\nhi\r\n0\r\n\r\n`,
  'a negative chunk size': `${chunks}-2\r\nhi\r\n0\r\n\r\n`,
  'a chunk size with a blank behind': `${chunks}2 \r\nhi\r\n0\r\n\r\n`,
  'a chunk size beyond 64 bits': `${chunks}10000000000000000\r\nhi\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${chunks}2\r\nhill\r\n0\r\n\r\n`,
  'a chunk size ended by LF': `${chunks}2\nhi\r\n0\r\n\r\n`,
  'chunk data ended by LF': `${chunks}2\r\nhi\n0\r\n\r\n`,
  'no last chunk': `${chunks}2\r\nhi\r\n`,
  'no end of the trailer': `${chunks}0\r\nA: b\r\n`,
  'a broken trailer': `${chunks}0\r\nhello\r\n\r\n`,
  'a length in the trailer': `${chunks}0\r\nContent-Length: 3\r\n\r\n`,
  'only 100': 'HTTP/1.1 100 Continue\r\n\r\n',
  '101 that nobody asked for':
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi',
}

describe("answers are read as Node's own parser reads them, split at every position", () => {
  test.each(Object.entries(complete))('%s', async (_, text) => {
    expect((await expectSameAtEverySplit(text)).complete).toBe(true)
  })

  test.each(Object.entries(invalid))('not complete: %s', async (_, text) => {
    expect((await expectSameAtEverySplit(text)).complete).toBe(false)
  })

  test.each(['a body of declared length', 'one chunk', 'a body until close', '204'])(
    'to HEAD: the head of %s',
    async name => {
      const text = complete[name] ?? ''
      const head = text.slice(0, text.indexOf('\r\n\r\n') + 4)
      expect((await expectSameAtEverySplit(head, 'HEAD')).complete).toBe(true)
    },
  )
})

const name = fc.constantFrom(
  'X-A',
  'server',
  'Connection',
  'connection-id',
  'Keep-Alive',
  "!#$%&'*+",
)
const value = fc.constantFrom(
  '',
  'a',
  'close',
  'keep-alive, close',
  'timeout=5',
  'a  b\t',
  '\x80\xff"',
)
const headerLine = fc
  .tuple(name, fc.constantFrom(':', ': ', ':\t '), value)
  .map(line => line.join(''))
const bodyText = fc
  .uint8Array({ maxLength: 300 })
  .map(bytes => Buffer.from(bytes).toString('latin1'))
const extension = fc.constantFrom('', '', ';a', ';a=b', ';a="b;c"')

const chunk = fc.tuple(bodyText, extension, fc.boolean()).map(([text, more, upper]) => {
  const size = text.length.toString(16)
  return text === '' ? '' : `${upper ? size.toUpperCase() : `0${size}`}${more}\r\n${text}\r\n`
})
const chunkedBody = fc
  .tuple(fc.array(chunk, { maxLength: 5 }), extension, fc.array(headerLine, { maxLength: 2 }))
  .map(([chunks, more, trailer]) => {
    const end = trailer.map(line => `${line}\r\n`).join('')
    return ['Transfer-Encoding: chunked', `${chunks.join('')}0${more}\r\n${end}\r\n`] as const
  })
const framedBody = fc.oneof(
  chunkedBody,
  bodyText.map(text => [`Content-Length: ${text.length}`, text] as const),
  bodyText.map(text => ['X-Until: close', text] as const),
)

/** Whole answers, some with informational ones in front and junk behind. */
const answerText = fc
  .record({
    early: fc.constantFrom(
      '',
      '',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 103 Hints\r\nA: b\r\n\r\n',
    ),
    line: fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 404', 'HTTP/1.1 500 '),
    before: fc.array(headerLine, { maxLength: 4 }),
    framed: framedBody,
    after: fc.array(headerLine, { maxLength: 4 }),
    junk: fc.constantFrom('', '', '', '\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'junk'),
  })
  .map(({ early, line, before, framed: [framing, body], after, junk }) => {
    const lines = [line, ...before, framing, ...after].map(text => `${text}\r\n`).join('')
    return `${early}${lines}\r\n${body}${junk}`
  })

/** Where to cut: shares of the length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })

function partsOf(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const ends = [...shares.map(share => Math.floor(share * bytes.length)), bytes.length]
  ends.sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe("generated answers are read as Node's own parser reads them", () => {
  test('whole answers, cut anywhere', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(answerText, cuts, async (text, shares) => {
        const bytes = Buffer.from(text, 'latin1')
        const node = await nodeReading(bytes, 'GET')
        expect(ownReading([bytes], 'GET')).toEqual(node)
        expect(ownReading(partsOf(bytes, shares), 'GET')).toEqual(node)
      }),
      { numRuns: 1_000 },
    )
  })

  test('answers with a few bytes changed, cut anywhere', { timeout: 60_000 }, async () => {
    const change = fc.record({
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('replace', 'insert', 'delete'),
      byte: fc.oneof(
        fc.constantFrom(...'\r\n\t :;,0-1afx\0\x7f\xff'.split('')).map(char => char.charCodeAt(0)),
        fc.nat({ max: 255 }),
      ),
    })
    const changes = fc.array(change, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(answerText, changes, cuts, async (text, edits, shares) => {
        const bytes = [...Buffer.from(text, 'latin1')]
        for (const { share, kind, byte } of edits) {
          const at = Math.floor(share * bytes.length)
          bytes.splice(at, kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [byte]))
        }
        const changed = Buffer.from(bytes)
        fc.pre(!isKnownDifference(changed.toString('latin1')))
        const node = await nodeReading(changed, 'GET')
        expect(ownReading([changed], 'GET')).toEqual(node)
        expect(ownReading(partsOf(changed, shares), 'GET')).toEqual(node)
      }),
      { numRuns: 3_000 },
    )
  })
})

/**
 * Where we differ on purpose: chunk extensions may hold any text (we never use them); HTTP/2.0 and
 * 0.9 on a status line are refused, and so is 101, which nobody asked for; Node takes nothing after
 * an informational answer of HTTP/1.0.
 */
function isKnownDifference(text: string): boolean {
  return /;/.test(text) || /HTTP\/(?:2\.0|0\.9|1\.1 101|1\.0 1)/.test(text)
}
