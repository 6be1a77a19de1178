import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { tokenSigner, tokenVerifier } from './token.ts'

async function keys() {
  const pair = await generateKeyPair('EdDSA', { extractable: true })
  return {
    pair,
    sign: await tokenSigner(await exportJWK(pair.privateKey)),
    verify: await tokenVerifier(await exportJWK(pair.publicKey)),
  }
}

let ours: Awaited<ReturnType<typeof keys>>
beforeAll(async () => {
  ours = await keys()
})

const who = { userId: 'usr-1', email: 'a@example.com' }

test('a token says who it belongs to', async () => {
  expect(await ours.verify(await ours.sign(who, 60))).toEqual({ ok: true, who })
})

test('an expired token is refused as such', async () => {
  const verdict = await ours.verify(await ours.sign(who, -1))
  expect(verdict).toEqual({ ok: false, reason: 'the token has expired' })
})

test('a token that was changed, cut, made up or signed by another key is not valid', async () => {
  const token = await ours.sign(who, 60)
  const [head, claims, signature] = token.split('.') as [string, string, string]
  const other = Buffer.from('{"sub":"usr-2","exp":9999999999}').toString('base64url')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const foreign = await (await keys()).sign(who, 60)
  const forged = [
    ...[foreign, `${head}.${other}.${signature}`, `${none}.${claims}.`, `${head}.${claims}.`],
    ...[token.slice(0, -3), 'a.b.c', 'x', ''],
  ]
  for (const one of forged) {
    expect(await ours.verify(one)).toEqual({ ok: false, reason: 'the token is not valid' })
  }
})

test('a token that is meant for somebody else is not valid', async () => {
  const token = await new SignJWT({ email: 'a@example.com' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setSubject('usr-1')
    .setIssuer('https://shop.example/auth')
    .setAudience('another shop')
    .setExpirationTime('1 minute')
    .sign(ours.pair.privateKey)
  expect(await ours.verify(token)).toMatchObject({ ok: false })
})
