import { Command, CommanderError } from 'commander'
import { exitCodes, loadstoneVersion, type ExitCode } from '../base/index.ts'
import { checkCommand } from './check.ts'
import { compareCommand } from './comparing/compare.ts'
import { demoCommand } from './demo.ts'
import { quickCommand } from './quick.ts'
import { uiCommand } from './ui.ts'
import { runCommand } from './run.ts'
import { reportCommand } from './storing/report.ts'
import { runsCommand } from './storing/runs.ts'
import type { Finish, Surroundings } from './surroundings.ts'

/** Runs one command line; resolves with its exit code. Rejects with what main.ts has to explain. */
export async function runProgram(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.pass
  const program = buildProgram(surroundings, exitCode => (code = exitCode))
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    // Commander has printed its message: help and version end well, everything else is a mistake.
    return thrown.exitCode === 0 ? exitCodes.pass : exitCodes.usage
  }
}

/** All commands with their flags. */
function buildProgram(surroundings: Surroundings, finish: Finish): Command {
  const program = new Command('loadstone')
    .description('Load tests for microservices, written in TypeScript.')
    .version(loadstoneVersion, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: text => surroundings.output.stdout.write(text),
      writeErr: text => surroundings.output.stderr.write(text),
    })
    .addHelpText('after', exitCodeHelp)
  const read = [uiCommand, runsCommand, reportCommand, compareCommand]
  for (const make of [runCommand, quickCommand, checkCommand, demoCommand, ...read]) {
    program.addCommand(inheriting(program, make(surroundings, finish)))
  }
  return program
}

/** Commands of a command, too, end with our exit codes and write where it does. */
function inheriting(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheriting(command, child)
  return command
}

const exitCodeHelp = `
Every option of a command can also be given as LOADSTONE_<OPTION>, e.g. LOADSTONE_USERS=50.

Exit codes: 0 pass, 1 bug of Loadstone, 2 usage, 96 cannot tell (with --strict), 97 invalid run,
98 regression, 99 threshold failed, 105 aborted, 107 error in the script, 110 safety guard.`
