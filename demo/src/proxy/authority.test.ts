import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeAuthority } from './authority.ts'
import { serviceOf, spiffeId } from './spiffe.ts'

describe("the shop's authority", () => {
  test('signs a certificate that names one service and fits its key', async () => {
    const authority = await makeAuthority()
    const { certificatePem, keyPem, authorityPem } = await authority.issue('catalog')
    const certificate = new X509Certificate(certificatePem)
    const issuer = new X509Certificate(authorityPem)
    expect(certificate.subjectAltName).toBe('URI:spiffe://shop/sa/catalog')
    expect(certificate.verify(issuer.publicKey)).toBe(true)
    expect(certificate.checkIssued(issuer)).toBe(true)
    const { createPrivateKey } = await import('node:crypto')
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
    expect([issuer.ca, certificate.ca]).toEqual([true, false])
  })

  test('lets certificates end when it was told', async () => {
    const before = Date.now()
    const authority = await makeAuthority({ validMs: 60_000 })
    const { certificatePem } = await authority.issue('cart')
    const endMs = Date.parse(new X509Certificate(certificatePem).validTo)
    // Certificates carry whole seconds.
    expect(endMs).toBeGreaterThanOrEqual(before + 59_000)
    expect(endMs).toBeLessThanOrEqual(Date.now() + 60_000)
  })

  test('does not vouch for what another authority signed', async () => {
    const [one, other] = await Promise.all([makeAuthority(), makeAuthority()])
    const certificate = new X509Certificate((await one.issue('cart')).certificatePem)
    const stranger = new X509Certificate((await other.issue('cart')).authorityPem)
    expect(certificate.verify(stranger.publicKey)).toBe(false)
  })

  test('the service is read from its own kind of name only', () => {
    expect(serviceOf(`DNS:x, URI:${spiffeId('cart')}`)).toBe('cart')
    expect(serviceOf('DNS:spiffe://shop/sa/cart')).toBeUndefined()
    expect(serviceOf('URI:spiffe://shop/sa/')).toBeUndefined()
    expect(serviceOf('URI:spiffe://bank/sa/cart')).toBeUndefined()
    expect(serviceOf(undefined)).toBeUndefined()
  })
})
