import { existsSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type TypeScript from 'typescript'

type Compiler = typeof TypeScript

/** Folder of this package's sources or declarations; what is wrong there is not the user's. */
const ownFolder = fileURLToPath(new URL('../../', import.meta.url))
/** `.ts` in a clone, `.d.ts` published. */
const scriptApi = [`${ownFolder}index.ts`, `${ownFolder}index.d.ts`].find(existsSync)

/**
 * Type errors of a script and of the files of its own that it imports, as
 * 'checkout.ts:12:9: TS2322: ...'. Uses the nearest tsconfig.json's options, strict ones without;
 * 'loadstone' always means this package, wherever the script lies. Empty: no errors.
 */
export async function typeErrors(scriptPath: string): Promise<string[]> {
  const ts = (await import('typescript')).default
  const options = compilerOptions(ts, scriptPath)
  const program = ts.createProgram([scriptPath], options)
  const own = program.getSourceFiles().filter(file => isTheUsers(file))
  const diagnostics = own.flatMap(file => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ])
  return [...program.getOptionsDiagnostics(), ...diagnostics].map(one => lineOf(ts, one))
}

function isTheUsers(file: TypeScript.SourceFile): boolean {
  const path = resolve(file.fileName)
  if (file.isDeclarationFile || path.includes(`${sep}node_modules${sep}`)) return false
  return !path.startsWith(ownFolder)
}

function compilerOptions(ts: Compiler, scriptPath: string): TypeScript.CompilerOptions {
  const folder = dirname(scriptPath)
  const found = ts.findConfigFile(folder, path => ts.sys.fileExists(path))
  const users = found === undefined ? defaults(ts, folder) : optionsIn(ts, found)
  return {
    ...users,
    ...{ noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ declaration: false, composite: false, incremental: false },
    allowJs: true,
    paths: { ...users.paths, ...(scriptApi === undefined ? {} : { loadstone: [scriptApi] }) },
  }
}

function optionsIn(ts: Compiler, file: string): TypeScript.CompilerOptions {
  const { config } = ts.readConfigFile(file, path => ts.sys.readFile(path)) as { config?: unknown }
  const host = { ...ts.sys, readDirectory: () => [] }
  return ts.parseJsonConfigFileContent(config ?? {}, host, dirname(file)).options
}

/** As the engine runs scripts: modern, bundled modules. Browser names stand in for Node's. */
function defaults(ts: Compiler, folder: string): TypeScript.CompilerOptions {
  const hasNodeTypes = nodeTypesAbove(folder)
  return {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: hasNodeTypes ? ['lib.es2024.d.ts'] : ['lib.es2024.d.ts', 'lib.dom.d.ts'],
    types: hasNodeTypes ? ['node'] : [],
    strict: true,
  }
}

function nodeTypesAbove(folder: string): boolean {
  if (existsSync(resolve(folder, 'node_modules/@types/node/package.json'))) return true
  const parent = dirname(folder)
  return parent !== folder && nodeTypesAbove(parent)
}

function lineOf(ts: Compiler, { file, start, code, messageText }: TypeScript.Diagnostic): string {
  const text = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`
  if (file === undefined || start === undefined) return text
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const inside = relative(process.cwd(), file.fileName)
  const shown = inside.startsWith('..') ? file.fileName : inside
  return `${shown}:${line + 1}:${character + 1}: ${text}`
}
