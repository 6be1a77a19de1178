/**
 * `npm run check`: format, lint, types, tidy and unit tests. All steps run at the same time; each
 * prints its result and time, and what it had to say when it failed. Exit 1 when any failed.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { clockFromNow, formatDurationUs } from '../src/base/index.ts'

const root = resolve(import.meta.dirname, '..')
const tool = (name: string) => resolve(root, 'node_modules/.bin', name)

interface Step {
  readonly name: string
  readonly command: string
  readonly arguments: readonly string[]
}

const steps: readonly Step[] = [
  { name: 'types', command: tool('tsc'), arguments: ['--noEmit', '-p', '.'] },
  { name: 'types of the pages', command: tool('tsc'), arguments: ['--noEmit', '-p', 'web'] },
  { name: 'format', command: tool('prettier'), arguments: ['--check', '--cache', '.'] },
  { name: 'lint', command: tool('eslint'), arguments: ['.'] },
  {
    name: 'unit tests and tidy',
    command: tool('vitest'),
    arguments: ['run', '--project', 'unit', '--reporter', 'dot', '--silent', 'passed-only'],
  },
]

interface Outcome {
  readonly step: Step
  readonly ok: boolean
  readonly output: string
}

const clock = clockFromNow()

function run(step: Step): Promise<Outcome> {
  return new Promise(done => {
    const startedAtUs = clock.nowUs()
    const child = spawn(step.command, step.arguments, { cwd: root, env: environment() })
    let output = ''
    const collect = (chunk: Buffer) => (output += chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const end = (ok: boolean) => {
      const took = formatDurationUs(clock.nowUs() - startedAtUs)
      console.log(`${ok ? '✓' : '✗'} ${step.name} (${took})`)
      done({ step, ok, output })
    }
    child.once('error', error => {
      output += error.message
      end(false)
    })
    child.once('close', code => end(code === 0))
  })
}

/** The pinned Node of node_modules comes first, whichever one started this. */
function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NO_COLOR: '1',
    PATH: `${resolve(root, 'node_modules/.bin')}:${process.env['PATH']}`,
  }
}

/** Without the rows of dots that stand for what went well. */
function readable(output: string): string {
  const lines = output.trim().split('\n')
  return lines.filter(line => !/^[·.\s]*$/.test(line)).join('\n')
}

console.log(`checking: ${steps.map(({ name }) => name).join(', ')}`)
const outcomes = await Promise.all(steps.map(run))
const failed = outcomes.filter(({ ok }) => !ok)
for (const { output } of outcomes) {
  for (const counted of output.match(/^ *Tests {2}.*passed.*$/gm) ?? []) console.log(counted)
}
for (const { step, output } of failed) console.log(`\n── ${step.name} ──\n${readable(output)}`)
const verdict =
  failed.length === 0 ? 'all good' : `failed: ${failed.map(o => o.step.name).join(', ')}`
console.log(`\n${verdict} (${formatDurationUs(clock.nowUs())})`)
process.exitCode = failed.length === 0 ? 0 : 1
