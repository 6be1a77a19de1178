import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../base/index.ts'
import { pageFolder } from '../dashboard/page-folder.ts'

/** The HTML report without a run. A clone that was not built has none: a UsageError. */
export function readTemplate(): string {
  const path = join(pageFolder(), 'report.html')
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const words = `--html: there is no template ${path}; run \`npm run build:web\` once`
    throw new UsageError('HTML_TEMPLATE', words, { cause })
  }
}
