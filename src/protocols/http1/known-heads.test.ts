import { expect, test } from 'vitest'
import { ask, openClient, rawServer, textOf } from '../testing/rig.ts'

const answer = (date: string, body: string) =>
  `HTTP/1.1 200 OK\r\ndate: ${date}\r\ncontent-length: ${body.length}\r\n\r\n${body}`

test.each([
  ['the same answer again and again', ['a:xx', 'a:xx', 'a:xx', 'a:xx']],
  ['the same head with other bodies', ['a:xx', 'a:xy', 'a:xx', 'a:yx', 'a:yy', 'a:xx']],
  ['other heads of the same length', ['a:xx', 'b:xx', 'b:xx', 'a:xx', 'b:xy', 'a:xx', 'b:xx']],
  ['bodies of other lengths', ['a:x', 'a:', 'a:xxx', 'a:x', 'a:xxxxxxxxxxxxxxxxx', 'a:', 'a:x']],
  ['heads that never repeat', Array.from({ length: 40 }, (_, index) => `${index + 10}:same`)],
  ['large ones', Array.from({ length: 6 }, (_, index) => `a:${'x'.repeat(3_000)}${index % 2}`)],
])('each answer is its own: %s', async (_, sent) => {
  const server = await rawServer(({ socket, index }) => {
    const [date = '', body = ''] = (sent[index] ?? '').split(':')
    socket.write(answer(date, body))
  })
  const client = openClient()
  const seen: string[] = []
  for (let i = 0; i < sent.length; i++) {
    const got = await ask(client, server.url)
    expect(got.failure).toBeUndefined()
    seen.push(`${got.header('date')}:${textOf(got)}`)
  }
  expect(seen).toEqual(sent)
})

test('a head that is known from another method has no body to HEAD', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'
  const server = await rawServer(({ socket, text }) => {
    socket.write(text.startsWith('HEAD') ? head : `${head}hi`)
  })
  const client = openClient()
  const bodies: string[] = []
  for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET']) {
    bodies.push(textOf(await ask(client, server.url, { method })))
  }
  expect(bodies).toEqual(['hi', '', 'hi', '', 'hi'])
})

test('a head that another client may read can be too large for this one', async () => {
  const server = await rawServer(({ socket }) => socket.write(answer('d'.repeat(500), 'hi')))
  expect((await ask(openClient(), server.url)).failure).toBeUndefined()
  expect((await ask(openClient(), server.url)).failure).toBeUndefined()
  const strict = await ask(openClient({ maxHeadBytes: 300 }), server.url)
  expect(strict.failure).toBe('head too large')
})
