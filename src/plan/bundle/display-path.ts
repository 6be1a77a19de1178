import { isAbsolute, relative, resolve } from 'node:path'

/** A path as a person at this terminal would write it: relative to the folder they are in. */
export function displayPath(path: string): string {
  const short = relative(process.cwd(), resolve(path))
  return short === '' || short.startsWith('..') || isAbsolute(short) ? resolve(path) : short
}
