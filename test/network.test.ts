import { createServer as createTlsServer } from 'node:https'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificates } from '../src/protocols/testing/certificates.ts'
import { folder, goodEnds, measured, scriptText, start, type Folder } from './program.ts'

async function listen(server: Server, where: string | 0): Promise<number> {
  const listening = Promise.withResolvers<void>()
  if (where === 0) server.listen(0, '127.0.0.1', listening.resolve)
  else server.listen(where, listening.resolve)
  await listening.promise
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return where === 0 ? (server.address() as AddressInfo).port : 0
}

/** One exchange with the target; the answer's text is logged. */
async function ask(files: Folder, target: string, more = '') {
  const iteration = `user.log.info('said ' + (await user.http.get('/a')).text())`
  const script = files.write('visitor.ts', scriptText({ target, iteration, more }))
  const json = join(files.path, 'result.json')
  return measured(start(['run', script, '-i', '1', '-u', '1', '--json', json]), json)
}

test('a Unix socket is a target like any other', async () => {
  const files = folder()
  const path = join(files.path, 'app.sock')
  await listen(
    createServer((request, response) => void response.end(`${request.headers.host}${request.url}`)),
    path,
  )
  const { code, output, summary } = await ask(files, `unix:${path}`)
  expect(goodEnds).toContain(code)
  expect(output).toContain('said localhost/a')
  expect(summary.totals.failures).toBe(0)
})

test('mutual TLS: files beside the script, a verified server, a known client', async () => {
  const files = folder()
  const { ca, server: own, client } = makeCertificates()
  files.write('ca.pem', ca)
  files.write('client.pem', client.cert)
  files.write('client.key', client.key)
  const port = await listen(
    createTlsServer({ ...own, ca, requestCert: true }, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate()
      response.end(String(subject.CN))
    }),
    0,
  )
  const target = `https://localhost:${port}`
  const known = `tls: { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' },`
  expect((await ask(files, target, known)).output).toContain('said client')
  const stranger = await ask(files, target, `tls: { ca: 'ca.pem' },`)
  expect(stranger.reasons).toEqual(['tls: server wants a client certificate'])
  expect((await ask(files, target)).reasons.join()).toMatch(
    /^tls: .*(self-signed|issuer|authority)/,
  )
})
