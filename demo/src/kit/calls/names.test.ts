import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import { Names, noNameServer, shopDomain, type NameSettings } from './names.ts'

const module = fileURLToPath(new URL('../../faults/actors/name-server.ts', import.meta.url))

describe('services by name', () => {
  let server: ChildProcess | undefined

  afterEach(async () => {
    if (server === undefined) return
    const ended = once(server, 'exit')
    server.disconnect()
    await ended
    server = undefined
  })

  async function startServer(options: { readonly failRatio: number }): Promise<string> {
    const args = JSON.stringify({ domain: shopDomain, delayMs: 0, seed: 1, ...options })
    server = fork(module, [args], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [ready] = (await once(server, 'message')) as [{ readonly server: string }]
    return ready.server
  }

  function names(settings: NameSettings) {
    const registry = new Registry()
    const named = new Names({ settings, registry })
    const find = (peer: string): Promise<unknown> => {
      const found = named.of(peer)
      if (!found) throw new Error('no name server is asked')
      return new Promise((resolve, reject) => {
        found.lookup(found.hostname, { all: true }, (error, addresses) => {
          if (error) reject(error)
          else resolve(addresses)
        })
      })
    }
    const lookups = async (): Promise<Record<string, number>> => {
      const metric = await registry.getSingleMetric('dns_lookups_total')?.get()
      return Object.fromEntries(
        (metric?.values ?? []).map(({ labels, value }) => [labels['rcode'], value]),
      ) as Record<string, number>
    }
    return { named, find, lookups }
  }

  test('nobody is asked as long as no name server is set', () => {
    expect(names(noNameServer).named.of('catalog')).toBeUndefined()
  })

  test('a name is asked for again for each connection', async () => {
    const nameServer = await startServer({ failRatio: 0 })
    const { find, lookups } = names({ nameServer, nameSearchDomains: '' })
    expect(await find('catalog')).toEqual([{ address: '127.0.0.1', family: 4 }])
    expect(await find('catalog')).toEqual([{ address: '127.0.0.1', family: 4 }])
    expect(await lookups()).toEqual({ NOERROR: 2 })
  })

  test('the search domains are tried before the name itself', async () => {
    const nameServer = await startServer({ failRatio: 0 })
    const { find, lookups } = names({ nameServer, nameSearchDomains: 'cluster.local,lan' })
    await find('catalog')
    expect(await lookups()).toEqual({ NXDOMAIN: 2, NOERROR: 1 })
  })

  test('a name server that fails leaves the service without an address', async () => {
    const nameServer = await startServer({ failRatio: 1 })
    const { find, lookups } = names({ nameServer, nameSearchDomains: '' })
    await expect(find('catalog')).rejects.toMatchObject({ code: 'ESERVFAIL' })
    expect(await lookups()).toEqual({ SERVFAIL: 1 })
  })
})
