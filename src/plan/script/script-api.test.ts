import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const folder = dirname(fileURLToPath(import.meta.url))
const root = join(folder, '../../..')
const typeTest = join(folder, 'script-api.test-d.ts')

interface Change {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Texts of what is wrong in the type test when a file of the script API were changed. */
let previous: ts.Program | undefined
function typeErrors(change?: Change): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), path => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const host = ts.createCompilerHost(options, true)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (path, target) => {
    if (change !== undefined && path === join(folder, change.file)) {
      return ts.createSourceFile(path, changed(path, change), target, true)
    }
    // Unchanged files are parsed once for all programs.
    return previous?.getSourceFile(path) ?? read(path, target)
  }
  const program = ts.createProgram([typeTest], options, host)
  if (change === undefined) previous = program
  const source = program.getSourceFile(typeTest)
  return [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

function changed(path: string, { from, to }: Change): string {
  const text = readFileSync(path, 'utf8')
  expect(text, `${path} has changed; correct the test`).toContain(from)
  return text.replace(from, to)
}

describe('the types of the script API', { timeout: 60_000 }, () => {
  test('say what the type test asks of them', () => {
    expect(typeErrors()).toEqual([])
  })

  test.each<[string, Change]>([
    [
      'params are no longer asked for',
      {
        file: 'exchange.ts',
        from: '[PathParams<Template>] extends [never]',
        to: '[never] extends [never]',
      },
    ],
    [
      'params may have any name',
      {
        file: 'exchange.ts',
        from: 'readonly params: Readonly<Record<PathParams<Template>, Scalar>>',
        to: 'readonly params: Readonly<Record<string, Scalar>>',
      },
    ],
    [
      'json() is anything',
      { file: 'exchange.ts', from: 'json<T = Json>(): NoInfer<T>', to: 'json(): any' },
    ],
    ['the place decides what json() is', { file: 'exchange.ts', from: 'NoInfer<T>', to: 'T' }],
    [
      'a schema is not looked at',
      { file: 'exchange.ts', from: 'schema?: StandardSchema<Json>', to: 'schema?: unknown' },
    ],
    [
      'state is anything',
      { file: 'user.ts', from: 'readonly state: State', to: 'readonly state: any' },
    ],
    [
      'rows are anything',
      { file: 'data.ts', from: 'infer Row> ? Row : never', to: 'infer Row> ? Row & any : never' },
    ],
    [
      'a load may be of two kinds',
      { file: 'load.ts', from: 'readonly rate?: never', to: 'readonly rate?: unknown' },
    ],
    [
      'a scenario takes any option',
      {
        file: 'scenario.ts',
        from: 'readonly target?: string',
        to: 'readonly [key: string]: unknown',
      },
    ],
  ])('and the type test notices when %s', (_, change) => {
    expect(typeErrors(change)).not.toEqual([])
  })
})
