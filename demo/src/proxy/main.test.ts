import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FromProxy, ToProxy } from './contract.ts'
import { heldRequests, inboundTo, Stage, sumOf } from './testing/stage.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Resolves when somebody listens there; a request could wait with those that are open. */
function connecting(url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}

describe('the process of a proxy', () => {
  let stage: Stage
  const children: ChildProcess[] = []
  beforeEach(() => (stage = new Stage()))
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await stage.end()
  })

  const start = () => {
    const child = fork(main, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    children.push(child)
    const messages: FromProxy[] = []
    child.on('message', message => void messages.push(message as FromProxy))
    const tell = (message: ToProxy) => child.send(message)
    const told = async <Kind extends FromProxy['kind']>(kind: Kind, count = 1) => {
      const ofKind = () => messages.filter(message => message.kind === kind)
      await vi.waitFor(() => expect(ofKind()).toHaveLength(count), { timeout: 10_000 })
      return ofKind().at(-1) as Extract<FromProxy, { kind: Kind }>
    }
    return { child, tell, told }
  }
  const identity = { kind: 'identity', service: 'catalog', port: 0 } as const

  test('listens, proxies, changes, and ends when told, after what is open', async () => {
    const held = heldRequests()
    const slow = await stage.server(held.listener)
    const quick = await stage.server((_incoming, outgoing) => outgoing.end('quick'))
    const { child, tell, told } = start()
    tell(identity)
    const { inboundUrl, adminUrl } = await told('listening')
    const early = await stage.call(`${adminUrl}/ready`)
    tell({ ...inboundTo([quick.url]), cpuCores: 0.5 })
    await told('ready')
    expect([early.status, (await stage.call(`${adminUrl}/ready`)).status]).toEqual([503, 200])
    expect((await stage.call(inboundUrl)).body).toBe('quick')
    const page = (await stage.call(`${adminUrl}/stats/prometheus`)).body
    expect(sumOf(page, 'container_spec_cpu_quota', {})).toBe(50_000)
    tell({ ...inboundTo(['nonsense']), id: 1 })
    expect(await told('changed')).toEqual({
      ...{ kind: 'changed', id: 1 },
      error: 'catalog-1 must have a url with a port, not "nonsense"',
    })
    tell({ ...inboundTo([slow.url]), id: 2 })
    expect(await told('changed', 2)).toEqual({ kind: 'changed', id: 2 })

    const open = stage.call(inboundUrl)
    await vi.waitFor(() => expect(held.waiting).toHaveLength(1))
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await vi.waitFor(() => expect(connecting(inboundUrl)).rejects.toThrow(), { timeout: 10_000 })
    held.waiting[0]!.outgoing.end('slow')
    expect(await open).toMatchObject({ body: 'slow', headers: { connection: 'close' } })
    expect(await ended).toEqual([0, null])
  })

  test('ends with the channel to its parent', async () => {
    const { child, tell, told } = start()
    tell(identity)
    await told('listening')
    const ended = once(child, 'exit')
    child.disconnect()
    expect(await ended).toEqual([0, null])
  })

  test('outlives Ctrl-C, which is for the shop', async () => {
    const { child, tell, told } = start()
    tell(identity)
    await told('listening')
    child.kill('SIGINT')
    child.kill('SIGHUP')
    tell({ ...inboundTo([]), id: 9 })
    expect(await told('changed')).toEqual({ kind: 'changed', id: 9 })
  })

  test('says why it cannot listen', async () => {
    const { url } = await stage.server((_incoming, outgoing) => outgoing.end())
    const { child, tell, told } = start()
    const ended = once(child, 'exit')
    tell({ ...identity, port: Number(new URL(url).port) })
    expect(await told('failed')).toMatchObject({ kind: 'failed', code: 'EADDRINUSE' })
    expect(await ended).toEqual([1, null])
  })

  test('is not started by hand', async () => {
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'ignore', 'pipe'] })
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(2)
    expect(text).toContain('a proxy is started by the shop: npm run shop -- --mesh')
  })
})
