import { errors, importJWK, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose'

const algorithm = 'EdDSA'
const issuer = 'https://shop.example/auth'
const audience = 'shop'

export interface SignedIn {
  readonly userId: string
  readonly email: string
}

async function keyOf(key: JWK | undefined): Promise<CryptoKey> {
  if (!key) throw new Error('the shop gave this service no key')
  return (await importJWK(key, algorithm)) as CryptoKey
}

/** Makes access tokens; the key is the private one. */
export async function tokenSigner(
  key: JWK | undefined,
): Promise<(who: SignedIn, lifetimeS: number) => Promise<string>> {
  const privateKey = await keyOf(key)
  return ({ userId, email }, lifetimeS) =>
    new SignJWT({ email })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeS} seconds`)
      .sign(privateKey)
}

/** Who a token belongs to, or why it is not valid, in words for the caller. */
export type Verdict =
  { readonly ok: true; readonly who: SignedIn } | { readonly ok: false; readonly reason: string }

/** Checks signature, issuer, audience and expiry; the key is the public one. */
export async function tokenVerifier(
  key: JWK | undefined,
): Promise<(token: string) => Promise<Verdict>> {
  const publicKey = await keyOf(key)
  return async token => {
    try {
      const options = { issuer, audience, algorithms: [algorithm] }
      const { payload } = await jwtVerify(token, publicKey, options)
      const email = typeof payload['email'] === 'string' ? payload['email'] : ''
      if (payload.sub === undefined) return { ok: false, reason: 'the token names no user' }
      return { ok: true, who: { userId: payload.sub, email } }
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { ok: false, reason: 'the token has expired' }
      if (error instanceof errors.JOSEError) return { ok: false, reason: 'the token is not valid' }
      throw error
    }
  }
}
