import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { ShopReady } from '../../demo/src/protocol.ts'
import { forkShop, leavesNothing, readyFrom } from '../shop-process.ts'

export type Json = Record<string, unknown>

export interface Asked {
  readonly json?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
  /** Sent as it is, instead of `json`. */
  readonly body?: string | URLSearchParams
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** A shop for the tests of one file: started before them, ended after them. */
export interface TestShop {
  readonly ready: ShopReady
  /** 'GET /api/cart' at the gateway, or at another origin when the path is a whole URL. */
  readonly ask: (line: string, options?: Asked) => Promise<Answered>
  /** A token; of a new customer when no address is given. */
  readonly login: (email?: string) => Promise<string>
}

export function testShop(): TestShop {
  let child: ChildProcess
  let ready: ShopReady
  beforeAll(async () => {
    child = forkShop()
    ready = await readyFrom(child)
  })
  afterAll(async () => {
    if (child.connected) child.disconnect()
    await leavesNothing(ready)
  })
  const ask = (line: string, options: Asked = {}) => askAt(ready.url, line, options)
  return {
    get ready() {
      return ready
    },
    ask,
    login: async (email = `loadtest+${randomUUID()}@example.com`) => {
      const json = { email, password: 'P@ssword123!' }
      const { status, body } = await ask('POST /api/auth/login', { json })
      expect(status).toBe(200)
      return body['access_token'] as string
    },
  }
}

async function askAt(origin: string, line: string, options: Asked): Promise<Answered> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const { json, token, headers, body } = options
  const sent = body ?? (json === undefined ? undefined : JSON.stringify(json))
  const answer = await fetch(path.startsWith('http') ? path : origin + path, {
    method,
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? (JSON.parse(text) as Json) : {},
  }
}
