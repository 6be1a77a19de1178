import { clockFromNow, exitCodes, UsageError, type ExitCode } from '../base/index.ts'
import { withoutAliases } from './options/read-flags.ts'
import { runProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'
import { Interruption } from './terminal/interruption.ts'
import { Output } from './terminal/output.ts'

/** The whole process: from its arguments to its exit code. The only place that ends it. */
export async function main(): Promise<void> {
  const output = new Output(process.stdout, process.stderr, process.env)
  const interruption = new Interruption(() => {
    output.note('stopped before anything was measured')
    process.exit(exitCodes.aborted)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.request())
  }
  let describeScriptError = (_thrown: unknown): string => ''
  const onStray = (thrown: unknown) => {
    const told = describeScriptError(thrown)
    if (!/^\S+:\d+:\d+: /.test(told)) process.exit(explain(thrown, output))
    output.note(`warning: ${told} (thrown where nothing awaited it, while the script was loaded)`)
  }
  process.on('uncaughtException', onStray)
  process.on('unhandledRejection', onStray)
  const surroundings: Surroundings = {
    output,
    stdin: process.stdin,
    environment: process.env,
    clock: clockFromNow(),
    interruption,
    scriptLoaded: describe => {
      describeScriptError = describe
    },
  }
  const code = await runProgram(withoutAliases(process.argv.slice(2)), surroundings).catch(
    (thrown: unknown) => explain(thrown, output),
  )
  interruption.over()
  await drained(process.stdout)
  process.exit(code === exitCodes.pass && output.couldNotWrite ? exitCodes.usage : code)
}

/** Tells why it did not work: a user's mistake alone, a bug of ours with how to report it. */
function explain(thrown: unknown, output: Output): ExitCode {
  const debugging =
    process.env['LOADSTONE_LOG_LEVEL'] === 'debug' ||
    /(^|\s)--log-level[\s=]debug(\s|$)/.test(process.argv.join(' '))
  if (thrown instanceof UsageError) {
    output.note(`error: ${thrown.message}${debugging ? ` (${thrown.code})` : ''}`)
    return thrown.exitCode
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  output.note(
    debugging
      ? `internal error: ${error.stack}`
      : `internal error: ${error.name}: ${error.message}\n` +
          'This is a bug of Loadstone. Please report it, with your command and what it prints ' +
          'with --log-level debug.',
  )
  return exitCodes.internal
}

/** Resolves once what was written so far has left the process, or cannot leave it. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()))
}
