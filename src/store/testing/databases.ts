import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestCluster } from '../../../demo/src/database/test-cluster.ts'

/** Addresses of new, empty stores of one kind, for the tests of one file. */
export interface StorePlaces {
  /** For openStore. */
  fresh(): Promise<string>
  close(): Promise<void>
}

/** Files in a temporary folder. */
export async function sqlitePlaces(): Promise<StorePlaces> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-store-'))
  let count = 0
  return Promise.resolve({
    fresh: () => Promise.resolve(join(folder, `${++count}`, 'runs.db')),
    close: () => Promise.resolve(rmSync(folder, { recursive: true })),
  })
}

/** Databases of a PostgreSQL that is started for the file, as the demo shop starts its own. */
export async function postgresPlaces(): Promise<StorePlaces> {
  const { default: pg } = await import('pg')
  const cluster = await startTestCluster()
  const { address } = cluster
  const admin = new pg.Client(address)
  await admin.connect()
  let count = 0
  return {
    fresh: async () => {
      count += 1
      await admin.query(`create database runs_${count}`)
      const { user = '', host = '', port = 0 } = admin
      return `postgres://${user}@/runs_${count}?host=${encodeURIComponent(host)}&port=${port}`
    },
    close: async () => {
      await admin.end()
      await cluster.stop()
    },
  }
}
