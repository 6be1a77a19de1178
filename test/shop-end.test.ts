import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { chmod, mkdtemp, rmdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test, vi } from 'vitest'
import type { ShopReady } from '../demo/src/protocol.ts'
import { forkShop, leavesNothing, main, readyFrom } from './shop-process.ts'

describe('the shop ends', () => {
  test('after SIGTERM it exits with 0 and leaves nothing', async () => {
    const own = forkShop()
    const ready = await readyFrom(own)
    const exit = once(own, 'exit')
    own.kill('SIGTERM')
    expect((await exit)[0]).toBe(0)
    await leavesNothing(ready)
  })

  test('faults that are set do not disturb its end', async () => {
    const own = forkShop({ SHOP_FAULTS: 'small-pool;cpu-quota;table-lock;slow-replica' })
    const ready = await readyFrom(own)
    let errors = ''
    own.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const closed = once(own, 'close')
    own.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
    expect(errors).toBe('')
    await leavesNothing(ready)
  })

  test('it ends with its parent, even when that is killed', async () => {
    const program = `require('node:child_process')
      .fork(process.argv[1], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      .on('message', message => console.log(JSON.stringify(message)))`
    const env = { ...process.env, SHOP_PORT: '0', SHOP_DATABASE_URL: '' }
    const parent = spawn(process.execPath, ['-e', program, main], {
      ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
    })
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string]
    const ready = JSON.parse(line) as ShopReady
    parent.kill('SIGKILL')
    await leavesNothing(ready)
  })

  test('nothing stays behind either when the shop itself is killed', async () => {
    const own = forkShop()
    const ready = await readyFrom(own)
    own.kill('SIGKILL')
    await leavesNothing(ready)
  })

  test('killed while the database is being made, it still leaves nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shop-test-'))
    // PostgreSQL runs as another user when we are root, and must be able to enter.
    await chmod(folder, 0o755)
    const own = forkShop({ TMPDIR: folder })
    await vi.waitFor(() => expect(readdirSync(folder)).not.toEqual([]), { timeout: 30_000 })
    own.kill('SIGKILL')
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 30_000 })
    await rmdir(folder)
  })

  test('a service that dies ends the shop, with its name', async () => {
    const own = forkShop()
    const ready = await readyFrom(own)
    let errors = ''
    own.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const exit = once(own, 'exit')
    process.kill(ready.services.find(service => service.name === 'pricing')!.pid, 'SIGKILL')
    expect((await exit)[0]).toBe(1)
    expect(errors).toContain('pricing-1 ended by itself (SIGKILL)')
    await leavesNothing(ready)
  })

  test('a port that is taken is said in one sentence', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const port = (holder.address() as AddressInfo).port
    const own = forkShop({ SHOP_PORT: String(port) })
    const exit = once(own, 'exit')
    await expect(readyFrom(own)).rejects.toThrow(`port ${port} is in use: stop what listens there`)
    expect((await exit)[0]).toBe(1)
    holder.close()
  })
})
