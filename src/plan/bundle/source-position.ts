import { SourceMap } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import type { ScriptBundle } from '../test-plan.ts'
import { scriptApiFolder } from './loadstone-plugin.ts'

/** A place in a file that the bundle was made of. */
export interface SourcePosition {
  /** Relative to the script's folder. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** The user's own code: neither a package nor our script API. */
  readonly isOwn: boolean
}

const shortHash = (bundle: ScriptBundle) => bundle.sha256.slice(0, 16)

/**
 * The bundle as a URL to import: it leaves no file behind, in any worker, and equal bundles are one
 * module of the process. sourceURL gives its stack frames a short name; where something prepares
 * stacks in its own way, frames show the whole URL, which names the bundle too.
 */
export function bundleUrl(bundle: ScriptBundle): string {
  const named = `${bundle.code}\n//# sourceURL=loadstone-script:${shortHash(bundle)}\n`
  const base64 = Buffer.from(named).toString('base64')
  return `data:text/javascript;script=${shortHash(bundle)};base64,${base64}`
}

/** Maps the frames of a stack to the files the bundle was made of, innermost first. */
export type PositionsOf = (stack: string) => readonly SourcePosition[]

/**
 * The source map is read at the first call: most runs never throw. A bundle that was made in memory
 * has none, and so no positions.
 */
export function positionsIn(bundle: ScriptBundle): PositionsOf {
  const hash = shortHash(bundle)
  const names = `loadstone-script:${hash}|data:text/javascript;script=${hash};base64,[\\w+/=]*`
  const frame = new RegExp(`(?:${names}):(\\d+):(\\d+)`, 'g')
  let map: SourceMap | undefined | 'unread' = 'unread'
  return stack => {
    if (map === 'unread') map = sourceMapOf(bundle.code)
    if (map === undefined) return []
    const places: SourcePosition[] = []
    for (const [, line, column] of stack.matchAll(frame)) {
      const position = originOf(map, bundle, { line: Number(line), column: Number(column) })
      if (position !== undefined) places.push(position)
    }
    return places
  }
}

function originOf(
  map: SourceMap,
  bundle: ScriptBundle,
  at: { line: number; column: number },
): SourcePosition | undefined {
  // Not findOrigin: it adds the generated distance to the original column, which is another text.
  const origin = map.findEntry(at.line - 1, at.column - 1)
  if (!('originalSource' in origin)) return undefined
  const folder = dirname(bundle.scriptPath)
  const path = resolve(folder, origin.originalSource)
  return {
    file: relative(folder, path),
    line: origin.originalLine + 1,
    column: origin.originalColumn + 1,
    isOwn: !/[\\/]node_modules[\\/]/.test(path) && !path.startsWith(scriptApiFolder),
  }
}

/** Absolute paths of the user's own files in a bundle, the script itself last. */
export function ownFilesOf(bundle: ScriptBundle): readonly string[] {
  const folder = dirname(bundle.scriptPath)
  const sources = sourceMapOf(bundle.code)?.payload.sources ?? []
  return sources
    .map(source => resolve(folder, source))
    .filter(path => !/[\\/]node_modules[\\/]/.test(path) && !path.startsWith(scriptApiFolder))
}

function sourceMapOf(code: string): SourceMap | undefined {
  const marker = '//# sourceMappingURL=data:application/json;base64,'
  const start = code.lastIndexOf(marker)
  if (start < 0) return undefined
  const json = Buffer.from(code.slice(start + marker.length).trim(), 'base64').toString('utf8')
  return new SourceMap(JSON.parse(json) as SourceMap['payload'])
}
