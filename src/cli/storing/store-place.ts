import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openStore, type RunStore } from '../../store/index.ts'
import type { Flags } from '../options/flags.ts'

/** In the working directory, unless told otherwise. */
const usualPlace = join('.loadstone', 'runs.db')

/** Where runs are kept: `--store`, else the usual file. */
export function placeOf(flags: Flags): string {
  return flags.store ?? usualPlace
}

/** Behind a command that is shown: ' --store results.db', or nothing for the usual file. */
export function placeFlag({ store }: Flags): string {
  if (store === undefined) return ''
  // An address may hold a password, which is nobody's business on a screen.
  if (store.includes('://')) return ' (with the same --store)'
  return ` --store ${/^[\w./:@-]+$/.test(store) ? store : `'${store}'`}`
}

/** For commands that only read: a store that is not there is a mistake. */
export function openToRead(flags: Flags): Promise<RunStore> {
  return openStore(placeOf(flags), { mustExist: true })
}

/** Opened for writing; the usual folder tells git to leave it alone. */
export async function openToWrite(flags: Flags): Promise<RunStore> {
  if (flags.store === undefined) makeUsualFolder()
  return openStore(placeOf(flags))
}

function makeUsualFolder(): void {
  const folder = dirname(usualPlace)
  const ignore = join(folder, '.gitignore')
  try {
    mkdirSync(folder, { recursive: true })
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
  } catch {
    // Opening the file says why it cannot be written, in better words.
  }
}
