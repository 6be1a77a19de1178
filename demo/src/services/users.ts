import { createHash, randomUUID } from 'node:crypto'
import { optionalText, textField } from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../kit/http/request.ts'
import type { ServiceDefinition } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import { seedCustomersSql } from '../seed.ts'

/** Who somebody is to the shop; what they are allowed is known to auth. */
export interface Profile {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly country: string
  readonly tier: string
  readonly signIns: number
  readonly createdAt: Date
}

const columns = `id, name, email, country, tier, sign_ins as "signIns", created_at as "createdAt"`

const definition: ServiceDefinition = {
  name: 'users',
  settings: serviceSettings({ poolConnectionsMax: 6 }),
  schema: {
    name: 'shop_users',
    sql: `create table if not exists users (
            id text primary key,
            name text not null,
            email text,
            country text not null default 'US',
            tier text not null default 'standard',
            sign_ins int not null default 0,
            created_at timestamptz not null default now()
          );
          insert into users (id, name, email, country, tier, created_at)
            select user_id, 'Customer ' || customer, email,
              (array['US', 'DE', 'GB', 'CA', 'AU', 'JP'])[1 + customer % 6],
              case when customer % 10 = 0 then 'gold' else 'standard' end,
              timestamptz '2024-06-01' + customer * interval '3 hours'
            from (${seedCustomersSql}) as customers where not exists (select 1 from users);`,
  },
  open: () => ({
    routes: [
      { method: 'POST', path: '/users', handle: create },
      { method: 'GET', path: '/users/:id', handle: show },
      { method: 'POST', path: '/sign-ins', handle: signIn },
    ],
  }),
}
export default definition

async function create(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const name = textField(body, 'username')
  const email = optionalText(body, 'email')
  if (email !== undefined && !/^[^@\s]+@[^@\s]+$/.test(email)) {
    throw new Problem(400, `email must be an address like a@example.com, not ${email}`)
  }
  const id = `usr-${randomUUID()}`
  await request.query('insert into users (id, name, email) values ($1, $2, $3)', [
    ...[id, name, email ?? null],
  ])
  return { status: 201, body: { id, user_id: id, username: name } }
}

async function show(request: ShopRequest): Promise<Answer> {
  const id = request.param('id')
  const [profile] = await request.query<Profile>(`select ${columns} from users where id = $1`, [id])
  if (!profile) throw new Problem(404, `there is no user ${id}`)
  return { status: 200, body: profile }
}

/** Somebody proved who they are: the first time makes their profile. */
async function signIn(request: ShopRequest): Promise<Answer> {
  const name = textField(await request.json(), 'name')
  const [profile] = await request.query<Profile>(
    `insert into users (id, name, email, sign_ins) values ($1, $2, $3, 1)
     on conflict (id) do update set sign_ins = users.sign_ins + 1 returning ${columns}`,
    [userIdOf(name), name, name.includes('@') ? name : null],
  )
  return { status: 200, body: profile }
}

/** The same address is the same user in every run, so that a seeded history can belong to it. */
export function userIdOf(email: string): string {
  return `usr-${createHash('sha256').update(email).digest('hex').slice(0, 12)}`
}
