import { open, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

const scriptsMax = 200
const foldersMax = 2000
const depthMax = 8
/** A script says what it imports at its top. */
const topBytes = 4096

const isScriptName = (name: string) => /(?<!\.d|\.test|\.spec)\.(?:ts|mts|js|mjs)$/.test(name)
const isLookedInto = (name: string) => !name.startsWith('.') && name !== 'node_modules'
const importsLoadstone = /(?:from|import)\s*\(?\s*['"]loadstone['"]/

/**
 * Files below a folder that import 'loadstone', relative to it, at most 200, those that lie highest
 * first. Hidden folders and node_modules are left out.
 */
export async function findScripts(root: string): Promise<string[]> {
  const found: string[] = []
  let folders = [root]
  for (let depth = 0, seen = 0; depth < depthMax && folders.length > 0; depth += 1) {
    const below: string[] = []
    for (const folder of folders.sort()) {
      seen += 1
      if (seen > foldersMax || found.length >= scriptsMax) return found.slice(0, scriptsMax)
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(folder, entry.name)
        if (entry.isDirectory() && isLookedInto(entry.name)) below.push(path)
        else if (entry.isFile() && isScriptName(entry.name) && (await isScript(path))) {
          found.push(relative(root, path).split(sep).join('/'))
        }
      }
    }
    folders = below
  }
  return found.slice(0, scriptsMax)
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(topBytes), 0, topBytes, 0)
    return importsLoadstone.test(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await file.close()
  }
}
