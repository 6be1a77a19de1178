// The certificate library finds its parts through decorators, which need this first.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509'
import type { ProxyCertificate } from './contract.ts'
import { spiffeId } from './spiffe.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000

/** Signs the certificates of one shop. Its key exists in memory only and ends with the process. */
export interface Authority {
  /** A certificate (EC P-256) whose only name is `spiffe://shop/sa/<service>`, and its key. */
  issue(service: string): Promise<ProxyCertificate>
}

/**
 * Makes an authority. Its certificates are valid from an hour ago (clocks differ) for `validMs`;
 * every authority has a key of its own, so that two shops do not trust each other.
 */
export async function makeAuthority(
  options: {
    /** @default 30 days */
    readonly validMs?: number
  } = {},
): Promise<Authority> {
  const nowMs = Date.now()
  const validity = {
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + (options.validMs ?? 30 * dayMs)),
  }
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'O=shop, CN=shop authority',
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const signer = { key: keys.privateKey, certificate, validity }
  return { issue: service => issueTo(service, signer) }
}

interface Signer {
  readonly key: webcrypto.CryptoKey
  readonly certificate: X509Certificate
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date }
}

async function issueTo(service: string, signer: Signer): Promise<ProxyCertificate> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.create({
    subject: `O=shop, CN=${service}`,
    issuer: signer.certificate.subject,
    signingKey: signer.key,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    ...signer.validity,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId(service) }]),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: PemConverter.encode(key, 'PRIVATE KEY'),
    authorityPem: signer.certificate.toString('pem'),
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}
