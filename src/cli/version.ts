import { existsSync, readFileSync } from 'node:fs'

/** Version of this package; its manifest lies beside src/ in a clone, above cli/ published. */
export function loadstoneVersion(): string {
  const places = ['../package.json', '../../package.json'].map(up => new URL(up, import.meta.url))
  const file = places.find(place => existsSync(place))
  if (file === undefined) return 'unknown'
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
