import { SeededDice } from '../kit/seeded-dice.ts'
import type { Fault, Parameter, ParameterValues } from './fault.ts'

/** A parameter that is a number. */
export function number(
  about: string,
  of: {
    readonly default: number
    readonly min: number
    readonly max: number
    /** Interval of a random draw; all of [min, max] when it is not given. */
    readonly drawn?: readonly [number, number]
    /** Whole numbers only; true unless said otherwise. */
    readonly whole?: boolean
  },
): Parameter {
  const { min, max, drawn = [min, max], whole = true } = of
  return { kind: 'number', about, default: of.default, min, max, drawn, whole }
}

/** A parameter that is one of some words; the first is the default, `drawn` all if not given. */
export function choice(
  about: string,
  of: readonly [string, ...string[]],
  drawn: readonly string[] = of,
): Parameter {
  return { kind: 'choice', about, default: of[0], of, drawn }
}

/** What a caller got wrong about a fault; the message says what to send instead. */
export class FaultInputError extends Error {}

/** All parameters of a fault with `given` over the defaults. Throws FaultInputError. */
export function readParameters(fault: Fault, given: Readonly<Record<string, unknown>>) {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fault.parameters, name)) continue
    const known = Object.keys(fault.parameters).join(', ')
    throw new FaultInputError(`${fault.name} has no parameter ${name}; it has ${known || 'none'}`)
  }
  const values: Record<string, number | string> = {}
  for (const [name, parameter] of Object.entries(fault.parameters)) {
    const value = given[name]
    values[name] = value === undefined ? parameter.default : checked(name, parameter, value)
  }
  return values as ParameterValues
}

/** Text is taken for a number where one is wanted: the command line has nothing else. */
function checked(name: string, parameter: Parameter, value: unknown): number | string {
  if (parameter.kind === 'choice') {
    if (typeof value === 'string' && parameter.of.includes(value)) return value
    throw new FaultInputError(
      `${name} is ${JSON.stringify(value)}; it must be one of ${parameter.of.join(', ')}`,
    )
  }
  const { min, max, whole } = parameter
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  const fits = typeof amount === 'number' && amount >= min && amount <= max
  if (fits && (!whole || Number.isInteger(amount))) return amount
  const kind = whole ? 'a whole number' : 'a number'
  throw new FaultInputError(
    `${name} is ${JSON.stringify(value)}; it must be ${kind} from ${min} to ${max}`,
  )
}

/** Parameters drawn at random; the same seed draws the same. */
export function drawParameters(fault: Fault, seed: number): ParameterValues {
  const dice = new SeededDice()
  const values: Record<string, number | string> = {}
  for (const [name, parameter] of Object.entries(fault.parameters)) {
    const at = dice.roll(seed)
    if (parameter.kind === 'choice') {
      const { drawn } = parameter
      values[name] = drawn[Math.floor(at * drawn.length)] ?? parameter.default
    } else {
      const [from, to] = parameter.drawn
      values[name] = parameter.whole
        ? from + Math.floor(at * (to - from + 1))
        : Math.round((from + at * (to - from)) * 1_000) / 1_000
    }
  }
  return values
}

/** 'small-pool' or 'small-pool:service=catalog,connectionsMax=2' in its parts. */
export function parseFault(text: string): {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
} {
  const colon = text.indexOf(':')
  const name = (colon === -1 ? text : text.slice(0, colon)).trim()
  const rest = colon === -1 ? '' : text.slice(colon + 1)
  const pairs = rest.split(',').filter(pair => pair.trim() !== '')
  const parameters = pairs.map(pair => {
    const [key = '', value] = pair.split('=')
    if (value === undefined) {
      throw new FaultInputError(`"${text}": write a fault as name:parameter=value,parameter=value`)
    }
    return [key.trim(), value.trim()] as const
  })
  return { name, parameters: Object.fromEntries(parameters) }
}
