import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

const bin = resolve(import.meta.dirname, '../src/cli/bin.js')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Both streams, in the order they came. */
  readonly output: string
}

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves once the text has appeared on either stream; rejects when the program ends first. */
  saw(text: string): Promise<void>
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly bin?: string
}

/** The environment of this process without what would change how the program behaves. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(LOADSTONE_|GITHUB_|CI$|FORCE_COLOR$|VITEST|NODE_OPTIONS$|.*_proxy$)/i.test(name),
  )
  // Runs of tests leave nothing behind, unless a test is about that.
  return { ...Object.fromEntries(kept), NO_COLOR: '1', LOADSTONE_NO_STORE: '1' }
}

/** Starts the real command line; it is killed at the end of the test if it still runs. */
export function start(args: readonly string[], options: ProgramOptions = {}): Program {
  const child = spawn(process.execPath, [options.bin ?? bin, ...args], {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const texts = { stdout: '', stderr: '', output: '' }
  const listeners = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8')
    child[name].on('data', (text: string) => {
      texts[name] += text
      texts.output += text
      for (const listener of [...listeners]) listener()
    })
  }
  const ended = new Promise<Ended>(done => {
    child.on('close', (code, signal) => done({ code, signal, ...texts }))
  })
  const saw = (text: string) =>
    new Promise<void>((found, failed) => {
      const check = () => {
        if (!texts.output.includes(text)) return
        listeners.delete(check)
        found()
      }
      listeners.add(check)
      check()
      void ended.then(() => failed(new Error(`ended without "${text}":\n${texts.output}`)))
    })
  return { child, ended, saw }
}

/** Runs the real command line to its end. */
export function loadstone(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return start(args, options).ended
}

/** The address that a program says its dashboard is at. */
export async function dashboardOf(program: Program): Promise<URL> {
  let text = ''
  program.child.stderr?.on('data', chunk => (text += String(chunk)))
  await program.saw('dashboard: ')
  await program.saw('/\n')
  const [, address = ''] = /dashboard: (http:\S+)/.exec(text) ?? []
  return new URL(address)
}

export interface Target {
  readonly url: string
  readonly port: number
  readonly server: Server
  /** Requests that arrived, in all and by path. */
  readonly counts: { total: number; readonly byPath: Map<string, number> }
}

/** A real server on a free port that counts requests; it ends with the test. */
export async function startTarget(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    response.end('{"ok":true}'),
): Promise<Target> {
  const counts = { total: 0, byPath: new Map<string, number>() }
  const server = createServer((request, response) => {
    counts.total += 1
    const path = request.url ?? ''
    counts.byPath.set(path, (counts.byPath.get(path) ?? 0) + 1)
    answer(request, response)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  onTestFinished(
    () =>
      new Promise<void>(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server, counts }
}

export interface Folder {
  readonly path: string
  /** Puts a file into it and returns its path. */
  readonly write: (name: string, text: string) => string
}

/** A folder of its own, deleted at the end of the test. */
export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'loadstone-program-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return {
    path,
    write: (name, text) => {
      const file = join(path, name)
      writeFileSync(file, text)
      return file
    },
  }
}

export interface ScenarioTexts {
  readonly target: string
  /** @default one user for one second */
  readonly load?: string
  /** @default one GET / and 10 ms of thinking */
  readonly iteration?: string
  /** More lines of the scenario's options. */
  readonly more?: string
  /** Lines of the plan's options. */
  readonly plan?: string
  /** Statements before the plan. */
  readonly before?: string
}

/** Text of a script with one scenario called 'visitor'. */
export function scriptText(texts: ScenarioTexts): string {
  return `import { csv, plan, scenario } from 'loadstone'
${texts.before ?? ''}
const visitor = scenario('visitor', {
  target: '${texts.target}',
  load: ${texts.load ?? `{ users: 1, duration: '1s' }`},
  ${texts.more ?? ''}
  async iteration(user) {
    ${texts.iteration ?? `await user.http.get('/'); await user.think('10ms')`}
  },
})
export default plan({ scenarios: [visitor], ${texts.plan ?? ''} })
void csv
`
}

/** What the tests read of a JSON summary. */
export interface Summary {
  readonly run: {
    readonly endState: string
    readonly endReason: string | null
    readonly seed: number
  }
  readonly totals: {
    readonly requests: number
    readonly failures: number
    readonly iterations: number
  }
  readonly requests: readonly {
    readonly name: string
    readonly count: number
    readonly errors: readonly { readonly reason: string; readonly count: number }[]
  }[]
  readonly scriptErrors: readonly { readonly message: string; readonly count: number }[]
  readonly warnings: readonly string[]
  readonly validity: { readonly valid: boolean }
  readonly exitCode: number
}

export interface Measured extends Ended {
  readonly summary: Summary
  /** Failure reasons of all requests, each once, sorted. */
  readonly reasons: readonly string[]
}

/** Waits for a run that was started with `--json <file>` and reads its summary. */
export async function measured(program: Program, jsonFile: string): Promise<Measured> {
  const ended = await program.ended
  if (!existsSync(jsonFile)) throw new Error(`no summary was written:\n${ended.output}`)
  const summary = JSON.parse(readFileSync(jsonFile, 'utf8')) as Summary
  const reasons = summary.requests.flatMap(({ errors }) => errors.map(({ reason }) => reason))
  return { ...ended, summary, reasons: [...new Set(reasons)].sort() }
}

/**
 * Exit codes of a run that nothing is wrong with. On a machine that is busy with other tests, the
 * generator may rightly say that it was the limit.
 */
export const goodEnds: readonly (number | null)[] = [0, 97]

/** Runs a script made of these texts, with flags, and reads its JSON summary. */
export function measureScript(
  texts: ScenarioTexts,
  flags: readonly string[] = [],
  options: ProgramOptions = {},
): Program & { readonly folder: string; readonly measured: Promise<Measured> } {
  const files = folder()
  const json = join(files.path, 'result.json')
  const script = files.write('visitor.ts', scriptText(texts))
  const program = start(['run', script, '--json', json, ...flags], options)
  return { ...program, folder: files.path, measured: measured(program, json) }
}

/** Runs a script made of these texts, with flags. */
export function runScript(
  texts: ScenarioTexts,
  flags: readonly string[] = [],
  options: ProgramOptions = {},
): Program & { readonly folder: string } {
  const files = folder()
  const script = files.write('visitor.ts', scriptText(texts))
  return { ...start(['run', script, ...flags], options), folder: files.path }
}
