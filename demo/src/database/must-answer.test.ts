import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { mustAnswer } from './must-answer.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function urlOf(server: Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return `postgres://127.0.0.1:${(server.address() as AddressInfo).port}/shop`
}

test('a database that accepts connections and says nothing is given up', async () => {
  const silent = createServer(socket => socket.on('error', () => undefined))
  await expect(mustAnswer(await urlOf(silent), 50)).rejects.toThrow(
    'the database does not answer: timeout expired; see --database-url',
  )
})

test('what is no database is told from one', async () => {
  const web = createHttpServer((_, outgoing) => outgoing.end())
  await expect(mustAnswer(await urlOf(web))).rejects.toThrow('the database does not answer: ')
})

test('a name whose every address refuses is told with each reason', async () => {
  const url = new URL(await urlOf(createServer()))
  servers.splice(0).forEach(server => server.close())
  url.hostname = 'localhost'
  await expect(mustAnswer(url.href)).rejects.toThrow(/does not answer: connect ECONNREFUSED /)
})
