import { Option, type Command } from 'commander'
import { UsageError } from '../../base/index.ts'
import { allFlags, type Flag, type Flags } from './flags.ts'

export type FlagName = keyof Flags
export type Environment = Readonly<Record<string, string | undefined>>

const switchValues: Readonly<Record<string, boolean>> = {
  ...{ '1': true, true: true, yes: true, on: true },
  ...{ '0': false, false: false, no: false, off: false, '': false },
}

/** 'spawnRate' is LOADSTONE_SPAWN_RATE. */
export const environmentName = (name: FlagName): string =>
  `LOADSTONE_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`

const longName = (flag: Flag) => /--[\w-]+/.exec(flag.flags)?.[0] ?? flag.flags

/** Adds the named flags to a command, with a reader each. */
export function addFlags(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) command.addOption(optionOf(allFlags[name]))
  return command
}

function optionOf(flag: Flag): Option {
  const option = new Option(flag.flags, flag.help)
  if (flag.kind === 'switch') return option
  return option.argParser((text: string, previous: unknown) => {
    const value = flag.read(text, longName(flag))
    return flag.kind === 'list' ? [...asList(previous), value] : value
  })
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The flags of the command line, completed by the environment: flag > LOADSTONE_<FLAG>. */
export function readFlags(
  command: Command,
  names: readonly FlagName[],
  environment: Environment,
): Flags {
  const given = command.opts<Record<string, unknown>>()
  const values = names.flatMap(name => {
    const value = givenAs(name, given) ?? fromEnvironment(name, environment)
    return value === undefined ? [] : [[name, value] as const]
  })
  const flags: Flags = Object.fromEntries(values)
  // A store that was asked for here beats a LOADSTONE_NO_STORE.
  return typeof given['store'] === 'string' ? { ...flags, noStore: false } : flags
}

/** Commander keeps '--no-store' as a `store` that is false. */
function givenAs(name: FlagName, given: Readonly<Record<string, unknown>>): unknown {
  if (name === 'noStore') return given['store'] === false ? true : undefined
  return name === 'store' && typeof given[name] !== 'string' ? undefined : given[name]
}

function fromEnvironment(name: FlagName, environment: Environment): unknown {
  const where = environmentName(name)
  const text = environment[where]
  if (text === undefined) return undefined
  const flag = allFlags[name]
  if (flag.kind === 'switch') return switchOf(text, where)
  if (text === '') return undefined
  if (flag.kind === 'value') return flag.read(text, where)
  return text.split(',').map(item => flag.read(item.trim(), where))
}

function switchOf(text: string, where: string): boolean {
  const value = switchValues[text.toLowerCase()]
  if (value === undefined) throw new UsageError('SWITCH', `${where}: "${text}" is neither 1 nor 0`)
  return value
}

/** Rewrites other long names that people type ('--vus 10', '--vus=10') to ours. */
export function withoutAliases(args: readonly string[]): string[] {
  const names = new Map(
    Object.values(allFlags).flatMap(flag =>
      (flag.aliases ?? []).map(alias => [alias, longName(flag)] as const),
    ),
  )
  const end = args.indexOf('--')
  return args.map((arg, index) => {
    if (end >= 0 && index > end) return arg
    // Else commander would take the script that follows for a port.
    if (arg === '--ui' && !/^\d+$/.test(args[index + 1] ?? '')) return '--ui=auto'
    const [name = '', ...rest] = arg.split('=')
    const ours = names.get(name)
    return ours === undefined ? arg : [ours, ...rest].join('=')
  })
}

/** Variables that look like ours and are none: a typo would otherwise go unnoticed. */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set((Object.keys(allFlags) as FlagName[]).map(environmentName))
  return Object.keys(environment).filter(name => /^LOADSTONE_/.test(name) && !known.has(name))
}
