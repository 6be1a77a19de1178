/**
 * A token that is renewed before it runs out, as an app does it, and once more when the shop says
 * 401 all the same (its key has changed, the session was ended). Logging in for each request would
 * load the login more than the shop; never renewing would end a long run in a row of 401s.
 *
 *   npx loadstone run examples/jwt-login.ts
 *   npx loadstone run examples/jwt-login.ts -e RENEW_AFTER_S=3      a token is old after 3 s
 */
import { between, plan, scenario, type User } from 'loadstone'

interface Session {
  token: string
  renewAtUnixMs: number
}

interface Login {
  readonly access_token: string
  readonly expires_in: number
}

/** A token that ends while the request is under way is refused: it is renewed this much earlier. */
const marginS = 30

export const jwtLogin = scenario('jwt login', {
  target: 'http://127.0.0.1:8080',
  load: { users: 10, rampUp: '5s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),

  onStart: user => logIn(user),

  tasks: {
    cart: { weight: 3, run: user => asMember(user, '/api/cart') },
    orders: { weight: 1, run: user => asMember(user, '/api/orders') },
  },
})

async function logIn(user: User<unknown>): Promise<Session> {
  const answer = await user.http.post('/api/v1/auth/login', {
    json: {
      email: `loadtest+${user.id}@example.com`,
      password: user.env.PASSWORD ?? 'Str0ngP@ssw0rd!',
      client_id: 'shop-app',
    },
    expect: 200,
    check: {
      'is a JWT': answer => answer.json<Login>().access_token.split('.').length === 3,
      'lives for a while': answer => answer.json<Login>().expires_in > marginS,
    },
    required: true,
  })
  const { access_token: token, expires_in: expiresInS } = answer.json<Login>()
  const renewAfterS = Number(user.env.RENEW_AFTER_S ?? expiresInS - marginS)
  return { token, renewAtUnixMs: Date.now() + renewAfterS * 1_000 }
}

/** The first 401 is not a failure: it is what the second try is there for. */
async function asMember(user: User<Session>, path: '/api/cart' | '/api/orders'): Promise<void> {
  if (Date.now() >= user.state.renewAtUnixMs) Object.assign(user.state, await logIn(user))
  const first = await user.http.get(path, { headers: bearer(user), expect: [200, 401] })
  if (first.status !== 401) return
  Object.assign(user.state, await logIn(user))
  await user.http.get(path, { name: `GET ${path} (again)`, headers: bearer(user), expect: 200 })
}

const bearer = (user: User<Session>) => ({ authorization: `Bearer ${user.state.token}` })

export default plan({
  scenarios: [jwtLogin],
  thresholds: ['POST /api/v1/auth/login: p95 < 1s', 'GET *: p95 < 1s', 'errors < 1%'],
})
