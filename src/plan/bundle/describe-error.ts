import { inspect } from 'node:util'
import type { PositionsOf } from './source-position.ts'

const longestText = 500
const deepestCause = 5

/**
 * One line for anything a script threw: 'checkout.ts:12:9: TypeError: x is not a function'. The
 * position is the innermost one in the user's own files; when a package threw, its place follows.
 * Causes follow the same way. Never throws, whatever was thrown.
 */
export function describeThrown(thrown: unknown, positionsOf: PositionsOf): string {
  try {
    return withCauses(thrown, positionsOf, 0)
  } catch {
    // A getter or a proxy of the script's own threw while we looked at it.
    return 'threw something that cannot be read'
  }
}

function withCauses(thrown: unknown, positionsOf: PositionsOf, depth: number): string {
  return `${placeOf(thrown, positionsOf)}${nameOf(thrown)}${causesOf(thrown, positionsOf, depth)}`
}

function causesOf(thrown: unknown, positionsOf: PositionsOf, depth: number): string {
  if (!isError(thrown) || depth >= deepestCause) return ''
  const causes = thrown instanceof AggregateError ? thrown.errors.slice(0, 3) : []
  if (thrown.cause !== undefined) causes.push(thrown.cause)
  return causes.map(cause => `; caused by ${withCauses(cause, positionsOf, depth + 1)}`).join('')
}

function placeOf(thrown: unknown, positionsOf: PositionsOf): string {
  if (!isError(thrown) || typeof thrown.stack !== 'string') return ''
  const positions = positionsOf(thrown.stack)
  const own = positions.find(position => position.isOwn)
  const innermost = positions[0]
  if (own === undefined) return innermost === undefined ? '' : `${text(innermost)}: `
  if (innermost === own || innermost === undefined) return `${text(own)}: `
  return `${text(own)}: (in ${text(innermost)}) `
}

const text = (at: { file: string; line: number; column: number }) =>
  `${at.file}:${at.line}:${at.column}`

function nameOf(thrown: unknown): string {
  if (!isError(thrown)) return `threw ${shortened(inspect(thrown, { depth: 1 }))}, not an Error`
  const name = typeof thrown.name === 'string' && thrown.name !== '' ? thrown.name : 'Error'
  const message = shortened(thrown.message)
  return message === '' ? name : `${name}: ${message}`
}

/** Errors of other realms and those that packages build by hand count too. */
function isError(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error ||
    (typeof thrown === 'object' && thrown !== null && 'stack' in thrown && 'message' in thrown)
  )
}

function shortened(message: unknown): string {
  const line = String(message).replace(/\s+/g, ' ').trim()
  return line.length > longestText ? `${line.slice(0, longestText)} ...` : line
}
