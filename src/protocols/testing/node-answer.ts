import { request, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'

/** What a client made of a byte stream. Only `complete` counts when it is false. */
export interface Reading {
  readonly complete: boolean
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  /** Latin-1, so that a difference can be read. */
  readonly body: string
}

export const notComplete: Reading = { complete: false, status: 0, headers: [], body: '' }

/** What Node's own client makes of an answer that consists of these bytes, then the end. */
export function nodeReading(bytes: Buffer, method: string): Promise<Reading> {
  return new Promise(resolve => {
    const connection = new Duplex({ read: () => {}, write: (_part, _encoding, done) => done() })
    const asked = request(
      {
        ...{ host: 'test', method, createConnection: () => connection },
        ...{ maxHeaderSize: 1_000_000, headers: { connection: 'keep-alive' } },
      },
      answer => readAll(answer, resolve),
    )
    let hasAnswer = false
    asked.on('response', () => (hasAnswer = true))
    asked.on('upgrade', () => resolve(notComplete))
    // Junk behind a complete answer is an error too, but the answer stands.
    asked.on('error', () => hasAnswer || resolve(notComplete))
    asked.on('close', () => hasAnswer || resolve(notComplete))
    asked.end(() => {
      connection.push(bytes)
      connection.push(null)
    })
  })
}

function readAll(answer: IncomingMessage, resolve: (reading: Reading) => void): void {
  const parts: Buffer[] = []
  answer.on('data', (part: Buffer) => parts.push(part))
  answer.on('error', () => resolve(notComplete))
  answer.on('close', () => {
    if (!answer.complete) return resolve(notComplete)
    const raw = answer.rawHeaders
    resolve({
      complete: true,
      status: answer.statusCode ?? 0,
      headers: raw.flatMap((name, index) =>
        index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : [],
      ),
      body: Buffer.concat(parts).toString('latin1'),
    })
  })
}
