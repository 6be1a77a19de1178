import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import type { BuildFailure, Message } from 'esbuild'
import { UsageError } from '../../base/index.ts'
import type { ScriptBundle } from '../test-plan.ts'
import { displayPath } from './display-path.ts'
import { loadstonePlugin, placeDefines } from './loadstone-plugin.ts'

const scriptEndings = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']

/**
 * Makes one self-contained ES module of a script and everything it imports, with an inline source
 * map. 'loadstone' is our own script API whatever folder the script lies in; Node's built-ins stay
 * imports. A missing, unreadable or broken script is a UsageError with file, line and column.
 */
export async function bundleScript(path: string): Promise<ScriptBundle> {
  const scriptPath = resolve(path)
  await refuseWhatIsNoScript(scriptPath)
  const code = await build(scriptPath)
  return { code, sha256: createHash('sha256').update(code).digest('hex'), scriptPath }
}

async function refuseWhatIsNoScript(scriptPath: string): Promise<void> {
  const shown = displayPath(scriptPath)
  const found = await stat(scriptPath).catch((cause: unknown) => {
    throw new UsageError('SCRIPT_MISSING', `${shown}: there is no such file; check the path`, {
      cause,
    })
  })
  if (found.isDirectory()) {
    throw new UsageError('SCRIPT_FOLDER', `${shown} is a folder; name the script file in it`)
  }
  if (!scriptEndings.includes(extname(scriptPath))) {
    throw new UsageError(
      'SCRIPT_KIND',
      `${shown} is not a TypeScript or JavaScript file; a script ends in .ts or .js ` +
        `(files of other tools are turned into scripts by 'loadstone import')`,
    )
  }
}

async function build(scriptPath: string): Promise<string> {
  // Loaded on first use: reading a stored run must not pay for a bundler.
  const esbuild = await import('esbuild')
  const folder = dirname(scriptPath)
  try {
    const built = await esbuild.build({
      entryPoints: [scriptPath],
      // Never written; the source map's paths are relative to it.
      outfile: resolve(folder, `${basename(scriptPath)}.bundle.mjs`),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      sourcemap: 'inline',
      sourcesContent: false,
      absWorkingDir: folder,
      define: placeDefines,
      banner: { js: requireFor(scriptPath) },
      logLevel: 'silent',
      plugins: [loadstonePlugin],
    })
    return built.outputFiles[0]?.text ?? ''
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    throw bundleError(error, scriptPath)
  }
}

/** CommonJS packages inside an ES module still ask for Node's built-ins with require(). */
function requireFor(scriptPath: string): string {
  return (
    `import { createRequire as __loadstoneCreateRequire } from 'node:module';` +
    `var require = __loadstoneCreateRequire(${JSON.stringify(scriptPath)});`
  )
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error

function bundleError(failure: BuildFailure, scriptPath: string): UsageError {
  const shown = failure.errors.slice(0, 5).map(message => lineOf(message, scriptPath))
  const more = failure.errors.length - shown.length
  if (more > 0) shown.push(`... and ${more} more`)
  return new UsageError('SCRIPT_BROKEN', shown.join('\n'))
}

/** 'checkout.ts:3:21: Could not resolve "left-pad"; ...', columns counted from 1. */
function lineOf({ location, text }: Message, scriptPath: string): string {
  const file = displayPath(
    location === null ? scriptPath : resolve(dirname(scriptPath), location.file),
  )
  const at = location === null ? file : `${file}:${location.line}:${location.column + 1}`
  return `${at}: ${text}${whatToDo(text)}`
}

function whatToDo(text: string): string {
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1]
  if (missing === undefined) return ''
  if (missing.startsWith('.') || missing.startsWith('/')) return '; check the path of the import'
  const parts = missing.split('/')
  const packageName = parts.slice(0, missing.startsWith('@') ? 2 : 1).join('/')
  return `; install it beside the script: npm install ${packageName}`
}
