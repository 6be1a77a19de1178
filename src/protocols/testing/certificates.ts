import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pair {
  readonly cert: string
  readonly key: string
}

/** Made new for each run by the openssl command, so that none of them is ever too old. */
export interface Certificates {
  /** PEM text of the authority that signed the others. */
  readonly ca: string
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: Pair
  /** The same, but over since yesterday. */
  readonly expired: Pair
  /** For shop.example only. */
  readonly otherHost: Pair
  readonly selfSigned: Pair
  readonly client: Pair
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-tls-'))
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
  const signedBy = (signer: string, name: string, extension: string, days: number): Pair => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`]
    openssl('req', ...newKey, ...files, '-subj', `/CN=${name}`)
    writeFileSync(join(folder, 'extensions'), extension)
    const authority = ['-CA', `${signer}.pem`, '-CAkey', `${signer}.key`, '-CAcreateserial']
    const made = ['-days', `${days}`, '-out', `${name}.pem`, '-extfile', 'extensions']
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, ...made)
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) }
  }
  const selfSigned = (name: string, ...more: string[]): Pair => {
    const made = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30']
    openssl('req', '-x509', ...newKey, ...made, '-subj', `/CN=${name}`, ...more)
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) }
  }
  try {
    const ca = selfSigned('ca').cert
    return {
      ca,
      server: signedBy('ca', 'server', names, 30),
      expired: signedBy('ca', 'expired', names, -1),
      otherHost: signedBy('ca', 'other', 'subjectAltName=DNS:shop.example', 30),
      selfSigned: selfSigned('localhost', '-addext', names),
      client: signedBy('ca', 'client', 'extendedKeyUsage=clientAuth', 30),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
