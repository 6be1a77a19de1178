import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { factsOf, usedCpuMs } from '../../demo/src/faults/actors/process-facts.ts'
import { patience, useShop } from '../shop-faults.ts'

const busy = fileURLToPath(new URL('../fixtures/busy-client.js', import.meta.url))
const actor = fileURLToPath(
  new URL('../../demo/src/faults/actors/weak-generator.ts', import.meta.url),
)

const children: ChildProcess[] = []
const started = (child: ChildProcess) => {
  children.push(child)
  return child
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
})

/** A client that asks as fast as it can, and tells how many answers it has had. */
function startClient(url: string): { readonly pid: number; readonly answers: () => number } {
  let answers = 0
  const child = started(fork(busy, [url], { execArgv: [] }))
  child.on('message', count => (answers = count as number))
  return { pid: child.pid ?? 0, answers: () => answers }
}

const isStopped = (pid: number) => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

/** CPU cores a process uses: a look now, and another when `more` says that enough has happened. */
async function coresUsed(pid: number, more: () => Promise<unknown>): Promise<number> {
  const [cpuMs, atMs] = [usedCpuMs(pid), performance.now()]
  await more()
  return (usedCpuMs(pid) - cpuMs) / (performance.now() - atMs)
}

const answersMore = (client: { answers: () => number }, count: number) => {
  const from = client.answers()
  return vi.waitFor(() => expect(client.answers()).toBeGreaterThan(from + count), patience)
}

describe.runIf(process.platform === 'linux')('a weak generator', () => {
  const shop = useShop()
  const catalogPid = async () =>
    (await shop.processes()).find(one => one.name === 'catalog')?.pid ?? 0
  const mainPid = async () => factsOf(await catalogPid())?.parentPid ?? 0

  test('gets only its share of CPU time and asks less, while the shop could do more', async () => {
    const client = startClient(`${shop.ready.url}/health`)
    const before = await coresUsed(client.pid, () => answersMore(client, 2_000))

    await shop.setFault('weak-generator', { pid: client.pid, cores: 0.1 })
    await vi.waitFor(async () => {
      const weak = await coresUsed(client.pid, () => answersMore(client, 100))
      expect(weak).toBeLessThan(0.2)
      expect(weak).toBeLessThan(before / 2)
    }, patience)
    await vi.waitFor(() => expect(isStopped(client.pid)).toBe(true), patience)

    await shop.clearFault('weak-generator')
    expect(isStopped(client.pid)).toBe(false)
    await vi.waitFor(async () => {
      const after = await coresUsed(client.pid, () => answersMore(client, 2_000))
      expect(after).toBeGreaterThan(0.2)
    }, patience)
  })

  test('is never the shop itself, nobody, or init', async () => {
    const catalog = await catalogPid()
    const wrong: [number, string][] = [
      [0, 'give that of the load generator'],
      [1, 'give that of the load generator'],
      [await mainPid(), 'part of the shop'],
      [catalog, 'part of the shop'],
      [shop.ready.database?.postgresPid ?? 0, 'part of the shop'],
      [2 ** 31 - 1, 'there is no process'],
    ]
    for (const [pid, reason] of wrong) {
      await expect(shop.setFault('weak-generator', { pid })).rejects.toThrow(reason)
    }
    await expect(shop.setFault('weak-generator', { pid: 1 })).rejects.toThrow('400')
    expect((await shop.ask('GET /api/v1/products/sku-1001')).status).toBe(200)
  })

  test.each(['SIGKILL', 'SIGTERM'] as const)('goes on when its limiter ends by %s', async how => {
    const client = startClient(`${shop.ready.url}/health`)
    await answersMore(client, 10)
    const options = JSON.stringify({ pid: client.pid, cores: 0.02, shopPid: await mainPid() })
    const limiter = started(fork(actor, [options], { execArgv: [] }))
    expect((await once(limiter, 'message'))[0]).toEqual({ kind: 'ready' })
    await vi.waitFor(() => expect(isStopped(client.pid)).toBe(true), { ...patience, interval: 5 })
    const ended = once(limiter, 'exit')
    limiter.kill(how)
    await ended
    await vi.waitFor(() => expect(isStopped(client.pid)).toBe(false), patience)
    await answersMore(client, 100)
    expect(isStopped(client.pid)).toBe(false)
  })
})
