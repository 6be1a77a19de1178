import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { childrenOf, factsOf, usedCpuMs } from '../../demo/src/faults/actors/process-facts.ts'
import { patience } from '../shop-faults.ts'
import { forkShop, leavesNothing, readyFrom } from '../shop-process.ts'

const busy = fileURLToPath(new URL('../fixtures/busy-client.js', import.meta.url))

const isStopped = (pid: number) => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

test.runIf(process.platform === 'linux').each(['SIGTERM', 'SIGKILL'] as const)(
  'a shop that ends by %s takes its actors with it and lets everybody go on',
  async how => {
    const shop = forkShop()
    const ready = await readyFrom(shop)
    const client = fork(busy, [`${ready.url}/health`], { execArgv: [] })
    const pid = client.pid ?? 0
    const set = async (name: string, parameters: object) => {
      const body = JSON.stringify({ name, parameters })
      const answer = await fetch(`${ready.controlUrl}/faults`, { method: 'POST', body })
      expect(answer.status).toBe(201)
    }
    try {
      await once(client, 'message')
      await set('weak-generator', { pid, cores: 0.02 })
      await set('noisy-job', { concurrency: 2, comparedGoods: 20, databaseCores: 0.5 })
      await set('slow-dns', {})
      const main = shop.pid ?? 0
      const actors = childrenOf(main).filter(
        child => !ready.services.some(service => service.pid === child),
      )
      // The three actors, and the database's keeper.
      expect(actors.length).toBeGreaterThanOrEqual(4)
      await vi.waitFor(() => expect(isStopped(pid)).toBe(true), { ...patience, interval: 5 })

      const ended = once(shop, 'exit')
      shop.kill(how)
      await ended
      await leavesNothing(ready)
      await vi.waitFor(() => expect(actors.filter(child => factsOf(child))).toEqual([]), patience)
      const usedMs = usedCpuMs(pid)
      await vi.waitFor(() => expect(usedCpuMs(pid)).toBeGreaterThan(usedMs), patience)
      expect(isStopped(pid)).toBe(false)
    } finally {
      client.kill('SIGKILL')
    }
  },
)
