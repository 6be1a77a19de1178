import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../../kit/http/problem.ts'
import type { Verdict } from '../auth/token.ts'
import type { Access } from './routes.ts'

const reportKey = 'lf_demo_cloudnative_api_key'
const uploadKey = 'demo-serverless-key-123456'

/**
 * Lets a request in or throws 401. Returns the signed-in user's id, undefined for a guest and for
 * callers with a key.
 */
export async function admit(
  access: Access,
  headers: IncomingHttpHeaders,
  verify: (token: string) => Promise<Verdict>,
): Promise<string | undefined> {
  switch (access) {
    case 'open':
      return undefined
    case 'report-key':
      return mustBe(headers.authorization, `Api-Key ${reportKey}`, 'Api-Key in authorization')
    case 'upload-key':
      return mustBe(headers['x-api-key'], uploadKey, 'key in x-api-key')
    case 'guest':
      return headers.authorization === undefined ? undefined : userOf(headers, verify)
    case 'token':
      return userOf(headers, verify)
  }
}

function mustBe(given: string | string[] | undefined, wanted: string, what: string): undefined {
  if (given === wanted) return undefined
  const seen = given === undefined ? 'is missing' : 'is not known'
  throw new Problem(401, `the ${what} ${seen}`, { 'www-authenticate': 'Api-Key' })
}

async function userOf(
  headers: IncomingHttpHeaders,
  verify: (token: string) => Promise<Verdict>,
): Promise<string> {
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token === undefined) {
    const detail = 'sign in first: send authorization: Bearer <access_token>'
    throw new Problem(401, detail, { 'www-authenticate': 'Bearer' })
  }
  const verdict = await verify(token)
  if (verdict.ok) return verdict.who.userId
  throw new Problem(401, verdict.reason, { 'www-authenticate': 'Bearer error="invalid_token"' })
}
