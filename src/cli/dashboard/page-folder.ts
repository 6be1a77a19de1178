import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The built pages: beside the compiled sources in a package, in dist/ of a clone. */
export function pageFolder(): string {
  const [packaged = '', cloned = ''] = ['../../web', '../../../dist/web'].map(path =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return existsSync(`${packaged}/assets`) ? packaged : cloned
}
