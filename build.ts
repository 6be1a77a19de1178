/**
 * `npm run build`: writes dist/, the package as it is published (docs/decisions/003). Sources become
 * JavaScript and declarations, web/ becomes its pages; the manifest is made from the root's, which
 * points at TypeScript.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { buildWeb } from './build-web.ts'

const root = import.meta.dirname
const dist = join(root, 'dist')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

/** Compiles what the package needs at run time: neither tests nor their tools. */
function compile(): void {
  const files = globSync('src/**/*.ts', { cwd: root })
    .filter(path => !/\.test(-d)?\.ts$|\/testing\//.test(path))
    .map(path => join(root, path))
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), path => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root)
  const program = ts.createProgram(files, {
    ...options,
    noEmit: false,
    declaration: true,
    rootDir: join(root, 'src'),
    outDir: dist,
  })
  const emitted = program.emit()
  const faults = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics]
  if (faults.length === 0) return
  const host = {
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
    getCanonicalFileName: (path: string) => path,
  }
  console.error(ts.formatDiagnostics(faults, host))
  throw new Error(`${faults.length} type errors; nothing to publish`)
}

/** Declarations keep '.ts' in their imports, which a consumer's compiler refuses. */
function rewriteDeclarations(): void {
  for (const path of globSync('**/*.d.ts', { cwd: dist })) {
    const file = join(dist, path)
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/((?:from|import\()\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'))
  }
}

function manifest(): string {
  const text = readFileSync(join(root, 'package.json'), 'utf8')
  const { name, version, description, license, engines, dependencies } = JSON.parse(
    text,
  ) as Manifest
  const published = {
    ...{ name, version, description, license, type: 'module', engines },
    bin: { loadstone: 'cli/bin.js' },
    exports: {
      '.': { types: './index.d.ts', default: './index.js' },
      './package.json': './package.json',
    },
    keywords: ['load testing', 'performance', 'microservices', 'latency', 'typescript'],
    dependencies,
  }
  return `${JSON.stringify(published, null, 2)}\n`
}

// The pages stay where they are while they are built again: a server may be reading them.
mkdirSync(dist, { recursive: true })
for (const name of readdirSync(dist)) {
  if (!/^(web|\.web-\d+)$/.test(name)) rmSync(join(dist, name), { recursive: true, force: true })
}
await buildWeb()
compile()
rewriteDeclarations()
copyFileSync(join(root, 'src/cli/bin.js'), join(dist, 'cli/bin.js'))
chmodSync(join(dist, 'cli/bin.js'), 0o755)
writeFileSync(join(dist, 'package.json'), manifest())
for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) {
  if (existsSync(join(root, file))) copyFileSync(join(root, file), join(dist, file))
}
console.log(`dist/ is ready: npm publish dist`)
