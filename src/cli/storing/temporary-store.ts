import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../base/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Output } from '../terminal/output.ts'

/**
 * What a dashboard needs of a run that is kept nowhere: the flags with a store that only this user
 * can read, until `remove`. Its page reads older seconds there, so memory stays bounded. Where none
 * can be made, the flags as they are, and a warning.
 */
export function temporaryStore(flags: Flags, output: Output): { flags: Flags; remove: () => void } {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-run-'))
    return {
      flags: { ...flags, noStore: false, store: join(folder, 'run.db') },
      remove: () => removed(folder, output),
    }
  } catch (error) {
    output.note(
      `warning: the dashboard of a long run will miss its beginning: a temporary file cannot be ` +
        `made (${messageOf(error)})`,
    )
    return { flags, remove: () => {} }
  }
}

function removed(folder: string, output: Output): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    output.note(`warning: the temporary folder ${folder} cannot be removed: ${messageOf(error)}`)
  }
}
