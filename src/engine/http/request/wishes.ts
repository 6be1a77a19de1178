import { parseDurationUs } from '../../../base/index.ts'
import type { CommonOptions, Expect, StandardSchema } from '../../../plan/index.ts'
import { ScriptError } from '../script-errors.ts'
import { kindOf } from './head-lines.ts'

/** Request options as a script may hand them over, whatever the compiler thinks of it. */
export type AnyOptions = CommonOptions & { readonly params?: Readonly<Record<string, unknown>> }
export type BodyKind = 'json' | 'form' | 'body' | 'multipart'

const redirectsByDefault = 10
const durationsKept = 100

/**
 * What one request asks for: its options, read once. The object is used again, so that reading
 * allocates nothing, and only options that are there cost anything.
 */
export class Wishes {
  params: Readonly<Record<string, unknown>> | undefined
  query: Readonly<Record<string, unknown>> | undefined
  headers: Readonly<Record<string, string>> | undefined
  bodyKind: BodyKind | undefined
  body: unknown
  name: string | undefined
  expect: Expect | undefined
  check: unknown
  schema: StandardSchema | undefined
  required = false
  timeoutUs = 0
  redirectsMax = redirectsByDefault
  includeCredentials = false
  /** Nothing here changes the head: the template's own one can go out. */
  plainHead = true
  /** The status alone does not decide. */
  judges = false
  readonly #durationsUs: Map<string, number>
  #clean = true

  /** `durationsUs` remembers parsed timeouts; it is shared and bounded. */
  constructor(durationsUs: Map<string, number>) {
    this.#durationsUs = durationsUs
  }

  /** Takes the options of one request; a wrong one is a ScriptError that names it. */
  read(options: AnyOptions | undefined, timeoutUs: number): void {
    this.timeoutUs = timeoutUs
    if (options === undefined) return
    if (typeof options !== 'object' || options === null) {
      throw new ScriptError(`the options of a request are ${kindOf(options)}, not an object`)
    }
    this.#clean = false
    for (const key in options) this.#take(key, options)
    this.judges = this.expect !== undefined || this.check !== undefined || this.schema !== undefined
    this.plainHead =
      this.params === undefined &&
      this.query === undefined &&
      this.headers === undefined &&
      this.bodyKind === undefined &&
      !this.includeCredentials
  }

  /** Lets go of everything that was read. */
  clear(): void {
    if (this.#clean) return
    this.params = this.query = this.headers = undefined
    this.bodyKind = this.body = this.name = undefined
    this.expect = this.check = this.schema = undefined
    this.required = this.includeCredentials = this.judges = false
    this.redirectsMax = redirectsByDefault
    this.plainHead = this.#clean = true
  }

  #take(key: string, options: AnyOptions): void {
    switch (key) {
      case 'params':
        return void (this.params = objectOf(key, options.params))
      case 'query':
        return void (this.query = objectOf(key, options.query))
      case 'headers':
        return void (this.headers = objectOf(key, options.headers))
      case 'check':
        return void (this.check = checkOf(options.check))
      case 'expect':
        return void (this.expect = expectOf(options.expect))
      case 'json':
      case 'form':
      case 'body':
      case 'multipart':
        return this.#takeBody(key, options[key])
      case 'name':
        return void (this.name = textOf(key, options.name))
      case 'required':
        return void (this.required = options.required === true)
      case 'schema':
        return void (this.schema = schemaOf(options.schema))
      case 'timeout':
        return this.#takeTimeout(options.timeout)
      case 'redirects':
        return void (this.redirectsMax = redirectsOf(options.redirects))
      case 'credentials':
        return void (this.includeCredentials = credentialsOf(options.credentials))
      default:
        throw new ScriptError(`a request has no option '${key}'`)
    }
  }

  #takeBody(kind: BodyKind, value: unknown): void {
    if (value === undefined) return
    if (this.bodyKind !== undefined) {
      throw new ScriptError(
        `a request has only one body: use only one of json, form, body and multipart, ` +
          `not ${this.bodyKind} and ${kind}`,
      )
    }
    this.bodyKind = kind
    this.body = value
  }

  #takeTimeout(text: string | undefined): void {
    if (text === undefined) return
    let timeoutUs = this.#durationsUs.get(text)
    if (timeoutUs === undefined) {
      timeoutUs = parseDurationUs(text, 'the timeout of a request')
      if (this.#durationsUs.size < durationsKept) this.#durationsUs.set(text, timeoutUs)
    }
    this.timeoutUs = timeoutUs
  }
}

function objectOf<T extends object>(key: string, value: T | undefined): T | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    throw new ScriptError(`${key} is ${kindOf(value)}; it must be an object of names and values`)
  }
  return value
}

function textOf(key: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new ScriptError(`${key} is ${JSON.stringify(value)}; it must be a text that is not empty`)
}

function checkOf(value: unknown): unknown {
  if (typeof value === 'function' || value === undefined) return value
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new ScriptError(`check is ${kindOf(value)}; it must be a function or functions by name`)
}

function expectOf(value: Expect | undefined): Expect | undefined {
  if (value === undefined || isExpected(value)) return value
  if (Array.isArray(value) && value.length > 0 && value.every(isExpected)) return value as Expect
  throw new ScriptError(
    `expect is ${JSON.stringify(value)}; write a status (200), a class ('2xx') or a list of them`,
  )
}

function isExpected(value: unknown): boolean {
  if (typeof value === 'number') return value >= 100 && value < 600
  return typeof value === 'string' && /^[1-5]xx$/.test(value)
}

function schemaOf(value: StandardSchema | undefined): StandardSchema | undefined {
  if (value === undefined || typeof value?.['~standard']?.validate === 'function') return value
  throw new ScriptError('schema is not a Standard Schema (zod, valibot, arktype ...)')
}

function redirectsOf(value: number | undefined): number {
  if (value === undefined) return redirectsByDefault
  if (Number.isInteger(value) && value >= 0) return value
  throw new ScriptError(`redirects is ${JSON.stringify(value)}; it must be a count, 0 or more`)
}

function credentialsOf(value: unknown): boolean {
  if (value === undefined || value === 'sameOrigin') return false
  if (value === 'include') return true
  throw new ScriptError(`credentials is ${JSON.stringify(value)}; use 'sameOrigin' or 'include'`)
}
