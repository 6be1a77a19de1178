import { parseArgs } from 'node:util'
import { faults } from '../faults/catalogue.ts'
import type { Fault } from '../faults/fault.ts'
import { FaultInputError, readParameters } from '../faults/parameters.ts'
import { profileNames, type LoadLevel, type ProfileName } from './profile.ts'

/** The fault of an experiment, and when it is there, seconds since the run began. */
export interface PlannedFault {
  readonly name: string
  readonly family: string
  readonly parameters: Readonly<Record<string, string>>
  /** Parameters that are not given are drawn from their ranges. */
  readonly random: boolean
  readonly atSeconds: number
  readonly forSeconds: number
}

export interface ExperimentOptions {
  /** Undefined: a healthy run. */
  readonly fault: PlannedFault | undefined
  readonly seed: number
  readonly mesh: boolean
  /** 'catalog=2', as the shop takes them. */
  readonly replicas: readonly string[]
  readonly autoscale: readonly string[]
  /** A script of one's own; undefined: the shop's load. */
  readonly script: string | undefined
  /** Undefined: as the script says. */
  readonly profile: { readonly name: ProfileName; readonly load: LoadLevel } | undefined
  readonly seconds: number
  readonly sampleRatio: number
  readonly scrapeIntervalMs: number
  /** Length of the client's windows in the recording. */
  readonly windowSeconds: number
  /** Whether the clean twin is run too, and the damage judged. */
  readonly paired: boolean
  readonly outFolder: string
}

/** Random draws of faults, each compared with the clean run of its seed and topology. */
export interface SurveyOptions {
  readonly survey: readonly ExperimentOptions[]
}

export type Command = ExperimentOptions | SurveyOptions | 'help' | 'list'

/** A mistake in the command line, in one sentence. */
export class UsageError extends Error {}

const flags = {
  help: { type: 'boolean', short: 'h' },
  list: { type: 'boolean' },
  healthy: { type: 'boolean' },
  fault: { type: 'string' },
  parameters: { type: 'string' },
  random: { type: 'boolean' },
  seed: { type: 'string' },
  topology: { type: 'string' },
  replicas: { type: 'string', multiple: true },
  autoscale: { type: 'string', multiple: true },
  script: { type: 'string' },
  profile: { type: 'string' },
  rate: { type: 'string' },
  users: { type: 'string' },
  duration: { type: 'string' },
  'fault-at': { type: 'string' },
  'fault-for': { type: 'string' },
  'sample-ratio': { type: 'string' },
  'scrape-interval': { type: 'string' },
  window: { type: 'string' },
  paired: { type: 'boolean' },
  survey: { type: 'string' },
  draws: { type: 'string' },
  out: { type: 'string' },
} as const

type Values = ReturnType<typeof parse>

/** Reads the command line; `randomSeed` counts when no seed is given. Throws UsageError. */
export function readCommand(args: readonly string[], randomSeed: number): Command {
  const values = parse(args)
  if (values.help) return 'help'
  if (values.list) return 'list'
  if (values.survey !== undefined) return surveyFrom(values, values.survey, randomSeed)
  if (values.draws !== undefined) throw new UsageError('--draws goes with --survey')
  return experimentFrom(values, randomSeed)
}

function experimentFrom(values: Values, randomSeed: number): ExperimentOptions {
  const seconds = secondsFrom('duration', values.duration ?? '120s', { min: 5, max: 3_600 })
  const seed = numberFrom('seed', values.seed ?? String(randomSeed), wholeSeed)
  const fault = faultFrom(values, seconds)
  const topology = oneOf('topology', values.topology ?? 'plain', ['plain', 'mesh'])
  if (fault && needsMesh(fault.name) && topology !== 'mesh') {
    throw new UsageError(`${fault.name} needs --topology mesh`)
  }
  const { paired = false } = values
  if (paired && !fault) throw new UsageError('--paired needs --fault: a clean run is its own twin')
  const intervalText = values['scrape-interval'] ?? '5s'
  const interval = { min: 0.2, max: 300 }
  return {
    fault,
    seed,
    mesh: topology === 'mesh',
    replicas: values.replicas ?? [],
    autoscale: values.autoscale ?? [],
    script: values.script,
    profile: profileFrom(values),
    seconds,
    sampleRatio: numberFrom('sample-ratio', values['sample-ratio'] ?? '0.1', { min: 0, max: 1 }),
    scrapeIntervalMs: secondsFrom('scrape-interval', intervalText, interval) * 1_000,
    windowSeconds: secondsFrom('window', values.window ?? '5s', { min: 1, max: 60, whole: true }),
    paired,
    outFolder: values.out ?? `experiment-${fault?.name ?? 'healthy'}-${seed}`,
  }
}

/** Every draw of every fault, those with the same seed and topology next to each other. */
function surveyFrom(values: Values, names: string, randomSeed: number): SurveyOptions {
  for (const flag of ['fault', 'healthy', 'parameters', 'random', 'paired', 'out'] as const) {
    if (values[flag] !== undefined)
      throw new UsageError(`--survey and --${flag} exclude each other`)
  }
  const chosen = names === 'all' ? faults : names.split(',').map(name => findFault(name.trim()))
  const draws = numberFrom('draws', values.draws ?? '2', { min: 1, max: 100, whole: true })
  const first = numberFrom('seed', values.seed ?? String(randomSeed), wholeSeed)
  const duration = values.duration ?? '30s'
  const survey = Array.from({ length: draws }, (_, draw) => {
    const seed = String((first + draw) % 2 ** 31)
    return chosen.map(({ name, needs }) => {
      const topology = needs ?? values.topology ?? 'plain'
      const planned = { ...values, fault: name, random: true, duration, seed, topology }
      return experimentFrom(planned, randomSeed)
    })
  })
  return { survey: survey.flat().sort((one, other) => Number(one.mesh) - Number(other.mesh)) }
}

const wholeSeed = { min: 0, max: 2 ** 31 - 1, whole: true }

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function faultFrom(values: Values, seconds: number): PlannedFault | undefined {
  const { healthy, fault: name, random = false } = values
  if (healthy && name !== undefined)
    throw new UsageError('--healthy and --fault exclude each other')
  if (name === undefined) {
    if (healthy) return undefined
    throw new UsageError('say --fault NAME (--list shows them) or --healthy')
  }
  const fault = findFault(name)
  const parameters = parametersFrom(fault, values.parameters ?? '')
  const within = { min: 0, max: seconds }
  const at = values['fault-at'] ?? String(Math.round(seconds * 0.4))
  const lasts = values['fault-for'] ?? String(Math.round(seconds * 0.3))
  const atSeconds = secondsFrom('fault-at', at, within)
  const forSeconds = secondsFrom('fault-for', lasts, within)
  if (atSeconds + forSeconds > seconds) {
    const until = atSeconds + forSeconds
    throw new UsageError(
      `the fault would be there until ${until} s, but the run ends at ${seconds} s`,
    )
  }
  const { family } = fault
  return { name, family, parameters, random, atSeconds, forSeconds }
}

function findFault(name: string): Fault {
  const fault = faults.find(one => one.name === name)
  if (fault) return fault
  throw new UsageError(`there is no fault "${name}"; --list shows them`)
}

const needsMesh = (name: string) => findFault(name).needs === 'mesh'

/** 'K=V,K=V', of the kind and in the range that the fault says. */
function parametersFrom(fault: Fault, text: string): Record<string, string> {
  const pairs = text.split(',').filter(part => part.trim() !== '')
  const entries = pairs.map(pair => {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`parameters "${text}": write them as name=value,name=value`)
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const
  })
  const given = Object.fromEntries(entries)
  try {
    readParameters(fault, given)
  } catch (error) {
    if (error instanceof FaultInputError) throw new UsageError(error.message)
    throw error
  }
  return given
}

/** A script of one's own keeps its load unless a profile, a rate or users are given. */
function profileFrom(values: Values): ExperimentOptions['profile'] {
  const { profile, rate, users, script } = values
  if (rate !== undefined && users !== undefined) {
    throw new UsageError('--rate and --users exclude each other')
  }
  if (script !== undefined && [profile, rate, users].every(one => one === undefined)) {
    return undefined
  }
  const name = oneOf('profile', profile ?? 'steady', profileNames)
  if (users !== undefined) {
    const level = numberFrom('users', users, { min: 1, max: 10_000, whole: true })
    return { name, load: { model: 'closed', level } }
  }
  const text = (rate ?? '40').replace(/\/s$/, '')
  return {
    name,
    load: { model: 'open', level: numberFrom('rate', text, { min: 0.1, max: 10_000 }) },
  }
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find(one => one === text)
  if (found !== undefined) return found
  throw new UsageError(`${name} is "${text}"; it must be one of ${known.join(', ')}`)
}

interface Limits {
  readonly min: number
  readonly max: number
  readonly whole?: boolean
}

function numberFrom(name: string, text: string, { min, max, whole = false }: Limits): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'a whole number' : 'a number'
  throw new UsageError(`${name} is "${text}"; it must be ${kind} from ${min} to ${max}`)
}

/** '90', '90s', '1.5m', '500ms'. */
function secondsFrom(name: string, text: string, limits: Limits): number {
  const [, amount = '', unit = 's'] = /^([\d.]+)(ms|s|m)?$/.exec(text.trim()) ?? []
  const factor = { ms: 0.001, s: 1, m: 60 }[unit as 'ms' | 's' | 'm']
  const value = amount === '' ? Number.NaN : Number(amount) * factor
  const { min, max, whole = false } = limits
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'whole seconds' : 'a time'
  throw new UsageError(`${name} is "${text}"; it must be ${kind} from ${min}s to ${max}s, e.g. 30s`)
}

export const help = `One labelled experiment: starts a shop, loads it, sets a fault and clears it
again, and writes down what could be seen from outside.

  npm run shop:experiment -- --fault small-pool --seed 7 --paired
  npm run shop:experiment -- --healthy --seed 7
  npm run shop:experiment -- --fault small-pool --random --topology mesh --profile spike --rate 80

Fault
  --fault NAME          set during the run; --list shows all with their parameters
  --healthy             no fault
  --parameters K=V,...  parameters that differ from the fault's defaults
  --random              draws the others from their ranges, with the seed
  --fault-at T          seconds into the run (40 % of the duration)
  --fault-for T         how long it stays (30 % of the duration)
  --paired              runs its clean twin first, with a shop of its own, the same seed and
                        load, and judges what the fault did to clients

Shop
  --topology plain|mesh sidecar proxies or not (plain)
  --replicas S=N        as of npm run shop (repeatable)
  --autoscale S=A..B    as of npm run shop (repeatable)

Load
  --profile NAME        steady, ramp, steps, spike, soak (steady)
  --rate R              journeys started per second at the highest (40); open model
  --users N             that many users instead; closed model
  --duration T          length of the run (120s)
  --script FILE         a script of your own; keeps its load unless one of these is given
  --seed N              of the load, the draws and the sample of traces (drawn)

Recording
  --out FOLDER          where it goes (experiment-FAULT-SEED); it must not hold one yet
  --sample-ratio R      share of exchanges that are traced, 0 to 1 (0.1)
  --scrape-interval T   how often metrics are read (5s)
  --window T            length of the client's windows, whole seconds (5s)

Survey, which records nothing
  --survey NAMES        draws these faults ('a,b', or all) at random and shows what each draw
                        did to clients; runs of 30s unless told otherwise
  --draws N             how often each, with seeds that follow --seed (2)

Writes recording.json.gz (all that was seen) and label.json (what was truly broken, and when).
With --paired the folder also holds those of the clean twin, in clean/.
README.md beside this program describes both. Ctrl-C stops everything and writes nothing.`
