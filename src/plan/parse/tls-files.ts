import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, UsageError } from '../../base/index.ts'
import type { TlsPlan } from '../test-plan.ts'
import { readFields, readFlag, readText } from './option-reader.ts'

export interface TlsPlace {
  /** 'scenario "x": tls' */
  readonly where: string
  readonly scriptFolder: string
  /** -k was given. */
  readonly insecure: boolean
}

/** Reads a scenario's PEM files. A file that is missing or holds no PEM is a UsageError. */
export async function readTls(options: unknown, place: TlsPlace): Promise<TlsPlan> {
  const { where } = place
  const known = ['ca', 'cert', 'key', 'serverName', 'insecure']
  const fields = options === undefined ? {} : readFields(options, where, known)
  if ((fields['cert'] === undefined) !== (fields['key'] === undefined)) {
    const missing = fields['cert'] === undefined ? 'cert' : 'key'
    throw new UsageError('TLS_PAIR', `${where}: ${missing} is missing; cert and key go together`)
  }
  return {
    ca: await readPem(fields['ca'], `${where}.ca`, place),
    cert: await readPem(fields['cert'], `${where}.cert`, place),
    key: await readPem(fields['key'], `${where}.key`, place),
    serverName: readText(fields['serverName'], `${where}.serverName`),
    insecure: place.insecure || (readFlag(fields['insecure'], `${where}.insecure`) ?? false),
  }
}

async function readPem(
  written: unknown,
  where: string,
  place: TlsPlace,
): Promise<string | undefined> {
  const file = readText(written, where)
  if (file === undefined) return undefined
  const path = resolve(place.scriptFolder, file)
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError('TLS_FILE', `${where}: ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  })
  if (pem.includes('-----BEGIN ')) return pem
  throw new UsageError(
    'TLS_PEM',
    `${where}: ${path} holds no PEM text (-----BEGIN ...); convert it`,
  )
}
