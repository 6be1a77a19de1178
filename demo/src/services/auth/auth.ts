import { createHash, randomUUID, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { textField, type JsonObject } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { tokenSigner } from './token.ts'

/** What a login costs and gives. */
export const authSettings = {
  tokenLifetimeS: 3_600,
  /** scrypt's N: the cost of one password check, about 4 ms of a core. */
  passwordCost: 2_048,
}

const loginPasswords = ['P@ssword123!', 'Str0ngP@ssw0rd!']
const realmPasswords = ['P@ssw0rd-LoadTest!']
const passwordSalt = 'shop-demo'

const derive = promisify(scrypt) as (
  password: string,
  salt: string,
  bytes: number,
  options: { N: number },
) => Promise<Buffer>

const hashOf = (password: string) =>
  derive(password, passwordSalt, 32, { N: authSettings.passwordCost })

const definition: ServiceDefinition = {
  name: 'auth',
  settings: serviceSettings({ poolConnectionsMax: 6 }),
  schema: {
    name: 'shop_auth',
    sql: `create table if not exists users (
            id text primary key,
            name text not null,
            created_at timestamptz not null default now(),
            logins int not null default 0
          );`,
  },
  open,
}
export default definition

async function open(context: ServiceContext): Promise<ServiceRoutes> {
  const sign = await tokenSigner(context.secrets.signingKey)
  const forLogin = await Promise.all(loginPasswords.map(hashOf))
  const forRealm = await Promise.all(realmPasswords.map(hashOf))

  const tokenFor = async (request: ShopRequest, name: string): Promise<Answer> => {
    const userId = userIdOf(name)
    await request.query(
      `insert into users (id, name, logins) values ($1, $2, 1)
       on conflict (id) do update set logins = users.logins + 1`,
      [userId, name],
    )
    const token = await sign({ userId, email: name }, authSettings.tokenLifetimeS)
    const expires = authSettings.tokenLifetimeS
    const body = { access_token: token, token_type: 'Bearer', expires_in: expires, user_id: userId }
    return { status: 200, body, headers: { 'cache-control': 'no-store' } }
  }

  return {
    routes: [
      {
        method: 'POST',
        path: '/login',
        handle: async request => {
          const body = await request.json()
          const email = textField(body, 'email').toLowerCase()
          await mustMatch(textField(body, 'password'), forLogin)
          if (!/^[^@\s]+@example\.com$/.test(email)) throw wrongPassword()
          return tokenFor(request, email)
        },
      },
      {
        method: 'POST',
        path: '/token',
        handle: async request => {
          const form = formFields(request, await request.bytes())
          if (textField(form, 'grant_type') !== 'password') {
            throw new Problem(400, 'grant_type must be password')
          }
          textField(form, 'client_id')
          await mustMatch(textField(form, 'password'), forRealm)
          return tokenFor(request, textField(form, 'username').toLowerCase())
        },
      },
      { method: 'POST', path: '/users', handle: createUser },
    ],
  }
}

async function createUser(request: ShopRequest): Promise<Answer> {
  const name = textField(await request.json(), 'username')
  const id = `usr-${randomUUID()}`
  await request.query('insert into users (id, name) values ($1, $2)', [id, name])
  return { status: 201, body: { id, user_id: id, username: name } }
}

/** The same address is the same user in every run, so that a seeded history can belong to it. */
export function userIdOf(email: string): string {
  return `usr-${createHash('sha256').update(email).digest('hex').slice(0, 12)}`
}

async function mustMatch(password: string, accepted: readonly Buffer[]): Promise<void> {
  const hash = await hashOf(password)
  if (!accepted.some(one => timingSafeEqual(one, hash))) throw wrongPassword()
}

const wrongPassword = () => new Problem(401, 'no user has this name and password')

function formFields(request: ShopRequest, bytes: Buffer): JsonObject {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new Problem(415, 'the body must be application/x-www-form-urlencoded')
  }
  return Object.fromEntries(new URLSearchParams(bytes.toString()))
}
