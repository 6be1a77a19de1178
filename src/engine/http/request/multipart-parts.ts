import { resolve } from 'node:path'
import type { MultipartPart } from '../../../protocols/index.ts'
import { ScriptError } from '../script-errors.ts'
import { kindOf } from './head-lines.ts'

/**
 * The parts of a `multipart` option in order; a list gives several parts of one name. Relative
 * paths start at the script's folder. What is no part is a ScriptError.
 */
export function multipartParts(
  option: Readonly<Record<string, unknown>>,
  scriptFolder: string,
): MultipartPart[] {
  const parts: MultipartPart[] = []
  for (const name in option) {
    const value = option[name]
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined) parts.push(partOf(name, one, scriptFolder))
    }
  }
  return parts
}

function partOf(name: string, value: unknown, scriptFolder: string): MultipartPart {
  if (typeof value === 'string') return { name, content: value }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return { name, content: String(value) }
  }
  const part = (typeof value === 'object' && value !== null ? value : {}) as Loose
  const about = {
    name,
    filename: optionalText(`multipart.${name}.filename`, part.filename),
    type: optionalText(`multipart.${name}.type`, part.type),
  }
  if (typeof part.file === 'string') return { ...about, file: resolve(scriptFolder, part.file) }
  if (typeof part.content === 'string' || part.content instanceof Uint8Array) {
    return { ...about, content: part.content }
  }
  throw new ScriptError(
    `multipart.${name} is ${kindOf(value)}; it must be a text, ` +
      `{ content, filename, type } or { file, filename, type }`,
  )
}

type Loose = Partial<Record<'content' | 'file' | 'filename' | 'type', unknown>>

function optionalText(where: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new ScriptError(`${where} is ${kindOf(value)}; it must be a text`)
}
