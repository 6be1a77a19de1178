/**
 * `npm run build:web`: the dashboard and the template of the HTML report, into dist/web/
 * (docs/decisions/016). Built beside it and moved there only when something changed, so that a
 * server or a test that reads the folder meanwhile never finds half of it.
 */
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type InlineConfig } from 'vite'

const root = import.meta.dirname
const target = join(root, 'dist/web')

/**
 * The pages take a few functions from large folders of src/, none of which does anything by being
 * imported: what is not used stays out.
 */
const treeshake = { moduleSideEffects: [{ test: /\/src\//, sideEffects: false }] }

function settings(outDir: string): InlineConfig {
  return {
    configFile: false,
    root: join(root, 'web'),
    base: './',
    logLevel: 'warn',
    build: { outDir, emptyOutDir: false, modulePreload: false, assetsInlineLimit: 0 },
  }
}

async function buildDashboard(outDir: string): Promise<void> {
  const config = settings(outDir)
  const fixedNames = {
    entryFileNames: 'assets/[name].js',
    chunkFileNames: 'assets/[name].js',
    assetFileNames: 'assets/[name][extname]',
  }
  await build({
    ...config,
    build: {
      ...config.build,
      rolldownOptions: {
        input: { dashboard: join(root, 'web/index.html') },
        output: fixedNames,
        treeshake,
      },
    },
  })
}

/** One file with everything in it: neither a server nor a network is needed to open it. */
async function buildReport(outDir: string): Promise<void> {
  const config = settings(outDir)
  const built = await build({
    ...config,
    publicDir: false,
    build: {
      ...config.build,
      write: false,
      cssCodeSplit: false,
      rolldownOptions: {
        input: join(root, 'web/report.tsx'),
        output: { format: 'iife', codeSplitting: false },
        treeshake,
      },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap(one =>
    'output' in one ? one.output : [],
  )
  const script = outputs.find(one => one.type === 'chunk')?.code ?? ''
  const style = outputs.find(one => one.type === 'asset' && one.fileName.endsWith('.css'))
  const css = style?.type === 'asset' ? String(style.source) : ''
  const page = readFileSync(join(root, 'web/report.html'), 'utf8')
    .replace('/* style */', () => css.replaceAll('</', '<\\/'))
    .replace('/* script */', () => script.replaceAll(/<(?=\/script|!--)/gi, '\\x3c'))
  writeFileSync(join(outDir, 'report.html'), page)
}

const filesIn = (folder: string) =>
  globSync('**/*.*', { cwd: folder })
    .sort()
    .map(path => `${path}\n${readFileSync(join(folder, path), 'base64')}`)
    .join('\n')

/** Builds the pages; resolves with their folder. */
export async function buildWeb(): Promise<string> {
  const fresh = join(root, `dist/.web-${process.pid}`)
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  await buildDashboard(fresh)
  await buildReport(fresh)
  if (existsSync(target) && filesIn(target) === filesIn(fresh)) {
    rmSync(fresh, { recursive: true })
    return target
  }
  rmSync(target, { recursive: true, force: true })
  renameSync(fresh, target)
  return target
}

if (import.meta.main) console.log(`${await buildWeb()} is ready`)
