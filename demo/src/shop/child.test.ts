import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { Child } from './child.ts'

const folder = mkdtempSync(join(tmpdir(), 'shop-child-test-'))
afterEach(() => rmSync(folder, { recursive: true }))

/** All its threads have ended, and nobody has asked how. */
const isOver = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).length === 1 &&
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z')

test.runIf(process.platform === 'linux')(
  'a message to a process that has just ended is lost, and the end is told',
  async () => {
    const file = join(folder, 'child.mjs')
    writeFileSync(file, "process.on('message', () => undefined); process.send({ kind: 'up' })")
    const ends = Promise.withResolvers<string | undefined>()
    const child = new Child({
      ...{ name: 'short', module: pathToFileURL(file) },
      onExit: ended => ends.resolve(ended.end),
    })
    await child.first<object, true>(() => true)
    process.kill(child.pid, 'SIGKILL')
    while (!isOver(child.pid));
    child.send({ kind: 'anything' })
    expect(await ends.promise).toBe('SIGKILL')
  },
)
