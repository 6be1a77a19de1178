/**
 * One labelled experiment with a shop of its own: `npm run shop:experiment -- --help`. Exit codes:
 * 0 recorded, 1 it failed (or the shop crashed; what was seen is recorded), 2 wrong usage, 130
 * stopped.
 */
import { randomInt } from 'node:crypto'
import { faults } from '../faults/catalogue.ts'
import type { Fault, Parameter } from '../faults/fault.ts'
import { conduct, type Conducted, type Surroundings } from './experiment.ts'
import { help, readCommand, UsageError, type Command, type ExperimentOptions } from './options.ts'
import { conductPaired, damageLine, doubt } from './damage/paired.ts'
import { cleanFolder, holdsRecording, writeExperiment } from './recording.ts'
import { resultTable } from './result-table.ts'
import { survey } from './damage/survey.ts'

process.title = 'shop:experiment'
process.stdout.on('error', () => undefined)

const command = commandOrExit()
if (command === 'help') console.log(help)
else if (command === 'list') console.log(faults.map(described).join('\n\n'))
else process.exitCode = await run(command)

async function run(options: Exclude<Command, string>): Promise<number> {
  const stopping = new AbortController()
  // Again while it ends: it ends already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort())
  }
  const say = (line: string) => console.log(line)
  const surroundings = { signal: stopping.signal, environment: process.env, say }
  try {
    return await ('survey' in options
      ? survey(options, surroundings, conduct)
      : record(options, surroundings))
  } catch (error) {
    if (stopping.signal.aborted) {
      console.error('stopped; nothing was recorded')
      return 130
    }
    console.error((error as Error).message)
    return 1
  }
}

async function record(options: ExperimentOptions, surroundings: Surroundings): Promise<number> {
  const { outFolder } = options
  if (await holdsRecording(outFolder)) {
    console.error(`${outFolder} holds a recording already; choose another --out`)
    return 2
  }
  const { clean, ...conducted } = await conductPaired(options, surroundings)
  if (clean) await write(cleanFolder(outFolder), { title: 'clean run', conducted: clean })
  await write(outFolder, { title: options.fault?.name ?? 'healthy run', conducted })
  if (options.fault && !conducted.label.fault) {
    console.error('the run ended before the fault was set')
  }
  const { damage } = conducted.label
  if (damage) {
    console.log(damageLine(damage))
    const why = doubt(damage)
    if (why) console.error(`not to be trusted: ${why}`)
  }
  const crashed = [clean, conducted].flatMap(one => one?.recording.events ?? [])
  const crash = crashed.find(event => event.kind === 'Crash')
  if (crash) console.error(`the shop crashed: ${crash.text}`)
  return crash ? 1 : 0
}

async function write(
  folder: string,
  { title, conducted }: { readonly title: string; readonly conducted: Conducted },
): Promise<void> {
  const { label, seconds, gaps } = conducted
  const written = await writeExperiment(folder, conducted)
  console.log(`\n${title}\n${resultTable(seconds, label)}\n`)
  for (const gap of gaps) console.error(`not recorded: ${gap}`)
  const kB = Math.ceil(written.recordingBytes / 1_000)
  console.log(`${written.recordingFile} (${kB} kB), ${written.labelFile}; seed ${label.seed}`)
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
