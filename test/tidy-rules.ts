/**
 * The house as data: who may import whom, which outside packages a folder may use, and what only
 * one file may do. ARCHITECTURE.md explains it; tidy.test.ts compares it with the code.
 */
export interface FolderRule {
  /** Folders of src/ it may import, through their index.ts. '*' means every folder. */
  readonly mayImport: readonly string[] | '*'
  /** Outside packages (not node: built-ins) it may import. */
  readonly packages: readonly string[]
}

export const folderRules: Readonly<Record<string, FolderRule>> = {
  base: { mayImport: [], packages: [] },
  metrics: { mayImport: ['base'], packages: [] },
  schedule: { mayImport: ['base'], packages: [] },
  statistics: { mayImport: ['base'], packages: [] },
  plan: {
    mayImport: ['base', 'metrics', 'schedule'],
    packages: ['esbuild', 'csv-parse', 'typescript'],
  },
  protocols: { mayImport: ['base', 'metrics'], packages: ['tough-cookie'] },
  engine: { mayImport: ['base', 'metrics', 'schedule', 'plan', 'protocols'], packages: [] },
  run: { mayImport: ['base', 'metrics', 'schedule', 'plan', 'engine'], packages: [] },
  report: { mayImport: ['base', 'metrics', 'statistics'], packages: [] },
  store: { mayImport: ['base', 'metrics', 'plan'], packages: ['pg'] },
  outputs: { mayImport: ['base', 'metrics', 'report'], packages: ['snappyjs'] },
  server: {
    mayImport: ['base', 'metrics', 'schedule', 'plan', 'run', 'store', 'statistics', 'report'],
    packages: ['hono', '@hono/node-server', 'zod'],
  },
  cli: { mayImport: '*', packages: ['commander', 'log-update', 'picocolors', 'typescript'] },
}

/**
 * web/ runs in a browser: of src/ it imports pure folders, and types of the server's contract. No
 * node: built-in.
 */
export const webRule = {
  mayImport: ['base', 'metrics', 'statistics', 'report'],
  typesOf: ['src/server/api.ts'],
  packages: ['preact', '@preact/signals', 'uplot'],
} as const

/** src/index.ts is the public script API: it re-exports plan/ and nothing else. */
export const publicEntryMayImport: readonly string[] = ['plan']

/** Folders that do no I/O: same input, same output. They import no node: built-in at all. */
export const pureFolders: readonly string[] = ['schedule', 'metrics', 'statistics', 'report']

export const bannedFileNames: readonly string[] = ['utils', 'helpers', 'common', 'types', 'misc']

/** What has one owner. `pattern` may appear only in files whose path starts with an owner. */
export const owners: readonly { what: string; pattern: RegExp; owners: readonly string[] }[] = [
  {
    what: 'reading time',
    pattern: /\bDate\.now\(|\bperformance\.now\(|\bnew Date\(\s*\)|process\.hrtime|timeOrigin/,
    owners: ['src/base/clock.ts'],
  },
  {
    what: 'setting timers',
    pattern: /\bset(?:Timeout|Interval)\(|timers\/promises/,
    owners: ['src/base/clock.ts'],
  },
  { what: 'unseeded randomness', pattern: /\bMath\.random\(/, owners: [] },
  { what: 'the environment', pattern: /process\.env\b/, owners: ['src/cli/'] },
  { what: 'the arguments', pattern: /process\.argv\b/, owners: ['src/cli/'] },
  {
    what: 'ending the process',
    pattern: /process\.exit(?:Code)?\b/,
    owners: ['src/cli/main.ts', 'src/cli/bin.js'],
  },
]

export const limits = { fileLines: 400, lineColumns: 100, folderFilesMax: 10 } as const
