import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'

/** Folder of the run-time part of the script API; frames in it are ours, not the script's. */
export const scriptApiFolder = fileURLToPath(new URL('../script/', import.meta.url))

/** `.ts` in a clone, `.js` in the published package: the same ending as this file. */
const ownEnding = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const scriptApiEntry = `${scriptApiFolder}index${ownEnding}`

/** What a file may ask about its own place, and the name that stands for it inside the bundle. */
const placeNames: Readonly<Record<string, string>> = {
  'import.meta.url': '__loadstoneFileUrl',
  'import.meta.filename': '__loadstoneFile',
  'import.meta.dirname': '__loadstoneFolder',
  __filename: '__loadstoneFile',
  __dirname: '__loadstoneFolder',
}

/** For esbuild's `define`: the place names of a file become variables that `placeOf` declares. */
export const placeDefines = placeNames

const asksForItsPlace = /import\.meta\.(?:url|filename|dirname)|__filename|__dirname/
const loaders = { ts: 'ts', tsx: 'tsx', js: 'js', jsx: 'jsx' } as const

/**
 * Resolves 'loadstone' to our own script API wherever the script lies, and keeps the answers that
 * files get about their own place (import.meta.url, __dirname ...) true inside one bundle.
 */
export const loadstonePlugin: Plugin = {
  name: 'loadstone',
  setup(build) {
    build.onResolve({ filter: /^loadstone$/ }, () => ({ path: scriptApiEntry }))
    build.onResolve({ filter: /^loadstone\// }, request => ({
      errors: [{ text: `"${request.path}" does not exist; everything is in 'loadstone' itself` }],
    }))
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async file => {
      const text = await readFile(file.path, 'utf8')
      if (!asksForItsPlace.test(text)) return undefined
      const ending = /[jt]sx?$/.exec(file.path)?.[0] as keyof typeof loaders
      return { contents: placeOf(file.path, text), loader: loaders[ending] }
    })
  },
}

/** On the text's first line, so that every line keeps its number. */
function placeOf(path: string, text: string): string {
  const declarations = [
    `var __loadstoneFile=${JSON.stringify(path)}`,
    `__loadstoneFolder=${JSON.stringify(dirname(path))}`,
    `__loadstoneFileUrl=${JSON.stringify(pathToFileURL(path).href)};`,
  ].join(',')
  if (!text.startsWith('#!')) return declarations + text
  const secondLine = text.indexOf('\n') + 1
  return `${text.slice(0, secondLine)}${declarations}${text.slice(secondLine)}`
}
