import { DatabaseSync } from 'node:sqlite'
import { inflateRawSync } from 'node:zlib'
import { decodeStoredSecond, type StoredSecond } from './second-bytes.ts'

const storeVersion = 1

/**
 * All seconds of the only run in a store's file, in order; a second may come in parts. Throws when
 * the file is of another version, or has another number of runs.
 */
export function readSeconds(path: string): StoredSecond[] {
  const file = new DatabaseSync(path, { readOnly: true })
  try {
    const { version } = file.prepare('select version from loadstone_store').get() as {
      readonly version: number
    }
    if (version !== storeVersion) {
      throw new Error(`the store is of version ${version}; this program reads ${storeVersion}`)
    }
    const runs = file.prepare('select id from runs').all()
    if (runs.length !== 1) throw new Error(`the store has ${runs.length} runs, not 1`)
    // 1: a second; below 0: what one worker told of it later; above: many seconds as one.
    const text = 'select data from seconds where span <= 1 order by first, span desc'
    const rows = file.prepare(text).all()
    return rows.map(row => decodeStoredSecond(inflateRawSync(row['data'] as Uint8Array)))
  } finally {
    file.close()
  }
}
