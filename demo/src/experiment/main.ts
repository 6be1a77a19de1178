/**
 * One labelled experiment with a shop of its own: `npm run shop:experiment -- --help`. Exit codes:
 * 0 recorded, 1 it failed (or the shop crashed; what was seen is recorded), 2 wrong usage, 130
 * stopped.
 */
import { randomInt } from 'node:crypto'
import { faults } from '../faults/catalogue.ts'
import type { Fault, Parameter } from '../faults/fault.ts'
import { conduct } from './experiment.ts'
import { help, readCommand, UsageError, type Command, type ExperimentOptions } from './options.ts'
import { holdsRecording, writeExperiment } from './recording.ts'
import { resultTable } from './result-table.ts'

process.title = 'shop:experiment'
process.stdout.on('error', () => undefined)

const command = commandOrExit()
if (command === 'help') console.log(help)
else if (command === 'list') console.log(faults.map(described).join('\n\n'))
else process.exitCode = await run(command)

async function run(options: ExperimentOptions): Promise<number> {
  const stopping = new AbortController()
  // Again while it ends: it ends already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort())
  }
  try {
    if (await holdsRecording(options.outFolder)) {
      console.error(`${options.outFolder} holds a recording already; choose another --out`)
      return 2
    }
    const { recording, label, gaps } = await conduct(options, {
      ...{ signal: stopping.signal, environment: process.env, say: line => console.log(line) },
    })
    const written = await writeExperiment(options.outFolder, { recording, label })
    console.log(`\n${resultTable(recording, label)}\n`)
    for (const gap of gaps) console.error(`not recorded: ${gap}`)
    if (options.fault && !label.fault) console.error('the run ended before the fault was set')
    const kB = Math.ceil(written.recordingBytes / 1_000)
    const { seed } = options
    console.log(`${written.recordingFile} (${kB} kB), ${written.labelFile}; seed ${seed}`)
    const crashed = recording.events.find(event => event.kind === 'Crash')
    if (crashed) console.error(`the shop crashed: ${crashed.text}`)
    return crashed ? 1 : 0
  } catch (error) {
    if (stopping.signal.aborted) {
      console.error('stopped; nothing was recorded')
      return 130
    }
    console.error((error as Error).message)
    return 1
  }
}

function commandOrExit(): Command {
  try {
    return readCommand(process.argv.slice(2), randomInt(2 ** 31))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\nnpm run shop:experiment -- --help explains all options.`)
    return process.exit(2)
  }
}

function described({ name, family, about, symptom, needs, parameters }: Fault): string {
  const lines = Object.entries(parameters).map(([parameter, of]) => {
    return `    ${parameter}: ${of.about} (${allowed(of)})`
  })
  const needed = needs === 'mesh' ? ' [--topology mesh]' : ''
  return [`${family} ${name}${needed}`, `  ${about}`, `  ${symptom}`, ...lines].join('\n')
}

function allowed(of: Parameter): string {
  if (of.kind === 'choice') return `${of.of.join(', ')}; ${of.default} if not given`
  const [from, to] = of.drawn
  return `${of.min} to ${of.max}; ${of.default} if not given, drawn from ${from} to ${to}`
}
