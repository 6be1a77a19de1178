import { spawn, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { folder, measured, scriptText, startTarget, type Program } from './program.ts'

const bin = resolve(import.meta.dirname, '../src/cli/bin.js')
// util-linux: runs a command in a terminal of its own, with our pipe as its keyboard.
const hasScript = spawnSync('script', ['--version']).status === 0

/** What would change the output, or open a window on somebody's desktop. */
const unwanted = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'DISPLAY', 'WAYLAND_DISPLAY']

/** The command line in a terminal; `press` types. */
function inTerminal(args: readonly string[]): Program & { press(keys: string): void } {
  const command = [process.execPath, bin, ...args].map(part => `'${part}'`).join(' ')
  const environment = { ...process.env, TERM: 'xterm', LOADSTONE_NO_STORE: '1' }
  for (const name of unwanted) Reflect.deleteProperty(environment, name)
  const child = spawn('script', ['-qefc', `stty cols 100 rows 30; ${command}`, '/dev/null'], {
    env: environment,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const listeners = new Set<() => void>()
  child.stdout.on('data', chunk => {
    output += String(chunk)
    for (const listener of [...listeners]) listener()
  })
  const ended = new Promise<Awaited<Program['ended']>>(done => {
    child.on('close', (code, signal) => {
      done({ code, signal, output, stdout: output, stderr: '' })
    })
  })
  const saw = (text: string) =>
    new Promise<void>((found, failed) => {
      const check = () => {
        if (output.includes(text)) found()
      }
      listeners.add(check)
      check()
      void ended.then(() => failed(new Error(`ended without "${text}":\n${output}`)))
    })
  return { child, ended, saw, press: keys => void child.stdin.write(keys) }
}

test.skipIf(!hasScript)('in a terminal: a live table, keys, and Ctrl-C', async () => {
  const { url, counts } = await startTarget()
  const files = folder()
  const load = `{ users: 2, duration: '60s' }`
  const script = files.write('visitor.ts', scriptText({ target: url, load }))
  const json = join(files.path, 'result.json')
  const run = inTerminal(['run', script, '--json', json])
  await run.saw('w/W users')
  await run.saw('2 users')
  run.press('W')
  await run.saw('12 users')
  run.press('s')
  await run.saw('11 users')
  run.press('p')
  await run.saw('paused')
  run.press('\u0003')
  const { code, summary } = await measured(run, json)
  expect(code).toBe(105)
  expect(summary.totals.requests).toBe(counts.total)
})

test.skipIf(!hasScript)('Enter says where the dashboard is when no browser opens', async () => {
  const { url } = await startTarget()
  const load = `{ users: 1, duration: '60s' }`
  const script = folder().write('visitor.ts', scriptText({ target: url, load }))
  const run = inTerminal(['run', script, '--ui', '0'])
  await run.saw('Enter dashboard')
  await run.saw('1 user')
  run.press('\r')
  await run.saw('the dashboard is at http://127.0.0.1:')
  run.press('\u0003')
  expect((await run.ended).code).toBe(105)
})
