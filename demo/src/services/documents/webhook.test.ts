import type { IncomingMessage, RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import { startTestServer } from '../../kit/test-server.ts'
import { postWebhook, readWebhook } from './webhook.ts'

const listen = async (listener: RequestListener) => `${await startTestServer(listener)}/hook`

const options = { timeoutMs: 10_000, headers: { traceparent: '00-ab-cd-01' } }

describe('a webhook', () => {
  test('on this machine is accepted, in any spelling', () => {
    for (const [text, url] of [
      ['http://127.0.0.1:9/x?y', 'http://127.0.0.1:9/x?y'],
      ['http://localhost:8081', 'http://localhost:8081/'],
      ['http://[::1]/', 'http://[::1]/'],
      ['http://127.1/', 'http://127.0.0.1/'],
      ['http://0x7f000001/', 'http://127.0.0.1/'],
    ] as const) {
      expect(readWebhook(text)).toEqual({ kind: 'accepted', url })
    }
  })

  test('elsewhere is ignored, also when its name only looks like this machine', () => {
    for (const text of [
      'https://hooks.example.com/x',
      'http://127.0.0.1.example.com/',
      'http://localhost.example.com/',
      'http://127.0.0.1@example.com/',
      'http://10.0.0.1/',
      'http://[::ffff:10.0.0.1]/',
      'https://127.0.0.1/',
    ]) {
      expect(readWebhook(text)).toMatchObject({ kind: 'ignored' })
    }
    expect(readWebhook(undefined)).toEqual({ kind: 'none' })
  })

  test('that is no URL is refused', () => {
    for (const text of ['here', 'file:///etc/passwd', 'http://', '/path']) {
      expect(() => readWebhook(text)).toThrow('notify_webhook')
    }
  })

  test('gets the JSON with the trace context', async () => {
    const { promise, resolve } = Promise.withResolvers<[IncomingMessage, string]>()
    const url = await listen((incoming, outgoing) => {
      let text = ''
      incoming.on('data', chunk => (text += String(chunk)))
      incoming.on('end', () => {
        outgoing.writeHead(204).end()
        resolve([incoming, text])
      })
    })
    await postWebhook(url, { id: 'doc-1', note: '✓' }, options)
    const [incoming, text] = await promise
    expect(JSON.parse(text)).toEqual({ id: 'doc-1', note: '✓' })
    expect(incoming).toMatchObject({ method: 'POST', url: '/hook' })
    expect(incoming.headers).toMatchObject({
      ...{ traceparent: '00-ab-cd-01', 'content-type': 'application/json' },
    })
  })

  test('that refuses, is away, is silent or points elsewhere is a failure', async () => {
    const post = (url: string, timeoutMs = 10_000) =>
      postWebhook(url, {}, { ...options, timeoutMs })
    const refusing = await listen((_, outgoing) => outgoing.writeHead(500).end())
    await expect(post(refusing)).rejects.toMatchObject({ status: 502 })
    let followed = false
    const target = await listen((_, outgoing) => {
      followed = true
      outgoing.end()
    })
    const moved = await listen((_, outgoing) => {
      outgoing.writeHead(307, { location: target }).end()
    })
    await expect(post(moved)).rejects.toThrow('answered 307')
    expect(followed).toBe(false)
    await expect(post('http://127.0.0.1:1/')).rejects.toMatchObject({ status: 502 })
    const silent = await listen(() => undefined)
    await expect(post(silent, 20)).rejects.toMatchObject({ status: 504 })
  })
})
