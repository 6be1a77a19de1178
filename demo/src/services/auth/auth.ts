import { randomUUID } from 'node:crypto'
import { jsonOf } from '../../kit/calls/peers.ts'
import { optionalText, textField, type JsonObject } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import type { Profile } from '../users.ts'
import { passwordCheck } from './passwords.ts'
import { tokenSigner } from './token.ts'

const loginPasswords = ['P@ssword123!', 'Str0ngP@ssw0rd!']
const realmPasswords = ['P@ssw0rd-LoadTest!']

/** `passwordCost` is scrypt's N: 2048 takes a core about 4 ms for each password check. */
const settings = serviceSettings(
  { poolConnectionsMax: 6 },
  { tokenLifetimeS: 3_600, passwordCost: 2_048 },
)

const definition: ServiceDefinition = {
  name: 'auth',
  settings,
  schema: {
    name: 'shop_auth',
    sql: `create table if not exists sessions (
            id text primary key,
            user_id text not null,
            client_id text not null,
            expires_at timestamptz not null
          );`,
  },
  open,
}
export default definition

async function open(context: ServiceContext): Promise<ServiceRoutes> {
  const sign = await tokenSigner(context.secrets.signingKey)
  const isLoginPassword = passwordCheck(loginPasswords, () => settings.passwordCost)
  const isRealmPassword = passwordCheck(realmPasswords, () => settings.passwordCost)

  const login = async (request: ShopRequest): Promise<Answer> => {
    const body = await request.json()
    const email = textField(body, 'email').toLowerCase()
    const password = textField(body, 'password')
    const clientId = optionalText(body, 'client_id') ?? 'shop'
    const isKnown = /^[^@\s]+@example\.com$/.test(email)
    if (!(await isLoginPassword(password)) || !isKnown) throw wrongPassword()
    return startSession(request, { name: email, clientId, sign })
  }

  const loginAtRealm = async (request: ShopRequest): Promise<Answer> => {
    const form = formFields(request, await request.bytes())
    if (textField(form, 'grant_type') !== 'password') {
      throw new Problem(400, 'grant_type must be password')
    }
    const clientId = textField(form, 'client_id')
    const name = textField(form, 'username').toLowerCase()
    if (!(await isRealmPassword(textField(form, 'password')))) throw wrongPassword()
    return startSession(request, { name, clientId, sign })
  }

  return {
    routes: [
      { method: 'POST', path: '/login', handle: login },
      { method: 'POST', path: '/token', handle: loginAtRealm },
    ],
  }
}

/** Users says who it is; the token is the proof of it. */
async function startSession(
  request: ShopRequest,
  who: {
    readonly name: string
    readonly clientId: string
    readonly sign: Awaited<ReturnType<typeof tokenSigner>>
  },
): Promise<Answer> {
  const { name, clientId, sign } = who
  const lifetimeS = settings.tokenLifetimeS
  const body = { name }
  const call = { peer: 'users', method: 'POST', path: '/sign-ins', body } as const
  const { id: userId } = jsonOf<Profile>(await request.call(call))
  const [token] = await Promise.all([
    sign({ userId, email: name }, lifetimeS),
    request.query(
      `insert into sessions (id, user_id, client_id, expires_at)
       values ($1, $2, $3, now() + $4 * interval '1 second')`,
      [randomUUID(), userId, clientId, lifetimeS],
    ),
  ])
  return {
    status: 200,
    body: { access_token: token, token_type: 'Bearer', expires_in: lifetimeS, user_id: userId },
    headers: { 'cache-control': 'no-store' },
  }
}

const wrongPassword = () => new Problem(401, 'no user has this name and password')

function formFields(request: ShopRequest, bytes: Buffer): JsonObject {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new Problem(415, 'the body must be application/x-www-form-urlencoded')
  }
  return Object.fromEntries(new URLSearchParams(bytes.toString()))
}
