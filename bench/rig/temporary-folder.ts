import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const existing = new Set<TemporaryFolder>()

/** A folder outside the project that goes away at the end of its scope. */
export class TemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'loadstone-bench-'))

  constructor() {
    existing.add(this)
  }

  file(name: string): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    existing.delete(this)
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** For a bench that is interrupted. */
export function removeTemporaryFolders(): void {
  for (const folder of existing) folder[Symbol.dispose]()
}
