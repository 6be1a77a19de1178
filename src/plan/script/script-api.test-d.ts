/**
 * What the compiler must say about scripts. Every `@ts-expect-error` that no longer sees an error
 * is itself an error, so this file fails as soon as a type gets weaker. It is never run.
 */
/* eslint-disable @typescript-eslint/no-unused-expressions, @typescript-eslint/no-unused-vars */
import { between, csv, plan, scenario, type User } from 'loadstone'
import * as v from 'valibot'
import { z } from 'zod'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles only when A and B are one and the same type; `any` is the same as nothing else. */
const same = <A, B>(_proof: Same<A, B>): void => {}
const iteration = async () => {}

/** :params come from the template's literal. */
export async function params({ http }: User): Promise<void> {
  await http.get('/products')
  await http.get('/products/:id', { params: { id: 'sku-1' } })
  await http.put('/carts/:cart/items/:item', { params: { cart: 1, item: 'a' }, json: {} })
  await http.get('/files/:name.json?v=:version', { params: { name: 'a' } })
  await http.get('http://127.0.0.1:8080/products')
  await http.get('http://127.0.0.1:8080/products/:id', { params: { id: 5 } })
  await http.request('PURGE', '/cache/:key', { params: { key: 'a' } })
  // @ts-expect-error a template with :params needs options
  await http.get('/products/:id')
  // @ts-expect-error ... with params in them
  await http.get('/products/:id', { expect: 200 })
  // @ts-expect-error ... all of them
  await http.put('/carts/:cart/items/:item', { params: { cart: 1 } })
  // @ts-expect-error ... by their names
  await http.get('/products/:id', { params: { ID: 5 } })
  // @ts-expect-error ... and no others
  await http.get('/products/:id', { params: { id: 5, page: 2 } })
  // @ts-expect-error ... with values that can stand in a path
  await http.get('/products/:id', { params: { id: undefined } })
  // @ts-expect-error a template without :params takes none
  await http.get('/products', { params: { id: 5 } })
  // @ts-expect-error a port is not a parameter
  await http.get('http://127.0.0.1:8080/products', { params: { 8080: 5 } })
  // @ts-expect-error request() checks its template too
  await http.request('PURGE', '/cache/:key')
  // A computed URL is not known to the compiler: params are free.
  const link = http.headers.get('x-link') ?? '/'
  await http.get(link)
  await http.get(link, { params: { anything: 1 } })
  await http.get(`/products/${link}`)
}

/** Request options. */
export async function options({ http }: User): Promise<void> {
  const body = new Uint8Array(4)
  await http.post('/a', { json: {}, query: { page: 1, tag: ['a', 'b'], none: undefined } })
  await http.post('/a', { form: { a: 1, b: true }, headers: { 'x-a': 'b' }, timeout: '5s' })
  await http.post('/a', { multipart: { file: { content: body, filename: 'a.txt' }, n: 1 } })
  await http.post('/a', { body, expect: [200, '3xx'], redirects: 0, credentials: 'include' })
  await http.get('/a', { expect: '2xx', check: answer => answer.ok || 'not ok', required: true })
  await http.get('/a', { check: { 'is small': answer => answer.text().length < 100 } })
  // @ts-expect-error misspelt
  await http.get('/a', { qeury: { page: 1 } })
  // @ts-expect-error misspelt beside params
  await http.get('/a/:id', { params: { id: 1 }, expct: 200 })
  // @ts-expect-error times are texts with a unit
  await http.get('/a', { timeout: 5000 })
  // @ts-expect-error no such class of statuses
  await http.get('/a', { expect: '6xx' })
  // @ts-expect-error a check answers yes, no, or why not
  await http.get('/a', { check: answer => answer.status })
  // @ts-expect-error headers are texts
  await http.get('/a', { headers: { 'x-a': 5 } })
  // @ts-expect-error not a kind of credentials
  await http.get('/a', { credentials: 'omit' })
}

/** A schema types json(), in the answer and in its checks. */
export async function schemas({ http }: User): Promise<void> {
  const viaZod = await http.get('/a', { schema: z.object({ id: z.string(), n: z.number() }) })
  const fromZod = viaZod.json()
  same<typeof fromZod, { id: string; n: number }>(true)
  const viaValibot = await http.get('/a/:id', {
    params: { id: 1 },
    schema: v.object({ tags: v.array(v.string()) }),
    check: answer => answer.json().tags.length > 0,
  })
  const fromValibot = viaValibot.json()
  same<typeof fromValibot, { tags: string[] }>(true)
  const transformed = await http.post('/a', { schema: z.string().transform(Number) })
  const fromTransformed = transformed.json()
  same<typeof fromTransformed, number>(true)
  // @ts-expect-error the place it is put does not decide the type of a body
  const wished: boolean = transformed.json()
  // @ts-expect-error the schema says nothing of a name
  viaZod.json().name
  // @ts-expect-error not a schema
  await http.get('/a', { schema: { id: 'string' } })

  const untyped = await http.get('/a')
  const unknownBody = untyped.json()
  same<typeof unknownBody, unknown>(true)
  const claimed = untyped.json<number>()
  same<typeof claimed, number>(true)
  // @ts-expect-error the place it is put does not decide the type of a body
  const hoped: { id: string } = untyped.json()
  // @ts-expect-error without a schema or a type argument nothing is known of the body
  untyped.json().id
  // @ts-expect-error an answer cannot be changed
  untyped.status = 200
}

/** user.state is what onStart returns. */
export const state = scenario('state', {
  async onStart(user) {
    same<typeof user.state, undefined>(true)
    return { cartId: undefined as string | undefined, seen: 0 }
  },
  tasks: {
    plain: async user => {
      same<typeof user.state, { cartId: string | undefined; seen: number }>(true)
      user.state.seen++
      // @ts-expect-error may be undefined
      user.state.cartId.length
      // @ts-expect-error not in the state
      user.state.card
    },
    weighted: {
      weight: 2,
      run: async user => {
        same<typeof user.state.seen, number>(true)
        // @ts-expect-error not in the state
        user.state.card
      },
    },
  },
  async onStop(user) {
    same<typeof user.state.seen, number>(true)
  },
})

export const noState = scenario('no state', {
  iteration: async user => {
    same<typeof user.state, undefined>(true)
    // @ts-expect-error there is no state without onStart
    user.state.cartId
  },
})

interface Account {
  readonly email: string
  readonly password: string
}

/** user.data holds the rows of the declared sources. */
export const data = scenario('data', {
  data: { accounts: csv<Account>('a.csv', { give: 'unique' }), words: csv('w.csv') },
  async onStart(user) {
    same<typeof user.data.accounts, Account>(true)
    // @ts-expect-error the row type has no such column
    user.data.accounts.name
    // @ts-expect-error no such source
    user.data.products
    return user.data.accounts.email
  },
  iteration: async user => {
    same<typeof user.state, string>(true)
    same<typeof user.data.accounts.email, string>(true)
    same<typeof user.data.words, Record<string, string>>(true)
    // @ts-expect-error rows are not written to
    user.data.accounts.email = 'x'
  },
})
// @ts-expect-error no such way to give rows
csv('a.csv', { give: 'once' })
// @ts-expect-error every column is a text
csv<{ age: number }>('a.csv')

/** The forms of a load. */
scenario('a', { iteration, load: { users: 50, rampUp: '10s', duration: '2m' } })
scenario('a', { iteration, load: { rate: '200/s', duration: '2m', poisson: true, maxUsers: 5 } })
scenario('a', { iteration, load: { rate: 200, duration: '2m', rampUp: '1s' } })
scenario('a', { iteration, load: { iterations: 100, users: 5, maxDuration: '1m' } })
scenario('a', {
  iteration,
  load: {
    stages: [
      { users: 5, over: '1s' },
      { users: 5, for: '9s' },
    ],
  },
})
scenario('a', { iteration, load: { stages: [{ rate: '5/s', over: '1s' }], maxUsers: 9 } })
// @ts-expect-error how long?
scenario('a', { iteration, load: { users: 50 } })
// @ts-expect-error by users or by rate, not both
scenario('a', { iteration, load: { users: 50, rate: '5/s', duration: '1m' } })
// @ts-expect-error a number has no unit
scenario('a', { iteration, load: { users: 50, duration: 60 } })
// @ts-expect-error Poisson starts belong to a rate
scenario('a', { iteration, load: { users: 50, duration: '1m', poisson: true } })
// @ts-expect-error misspelt
scenario('a', { iteration, load: { users: 50, duration: '1m', rampup: '1s' } })
// @ts-expect-error a stage ramps over or holds for a time, not both
scenario('a', { iteration, load: { stages: [{ users: 5, over: '1s', for: '1s' }] } })
// @ts-expect-error a stage has one level
scenario('a', { iteration, load: { stages: [{ users: 5, rate: 5, for: '1s' }] } })
// @ts-expect-error stages have lengths of their own
scenario('a', { iteration, load: { stages: [{ users: 5, for: '1s' }], duration: '1m' } })
// @ts-expect-error by how many users?
scenario('a', { iteration, load: { iterations: 5 } })

/** The options of a scenario and a plan. */
scenario('a', { iteration, thinkTime: between('1s', '3s'), tls: { insecure: true } })
// @ts-expect-error misspelt
scenario('a', { iteration, thinktime: between('1s', '3s') })
// @ts-expect-error times are texts with a unit
scenario('a', { iteration, thinkTime: between(1, 3) })
// @ts-expect-error a think time is made by between and its kin
scenario('a', { iteration, thinkTime: '1s' })
// @ts-expect-error no such kind
scenario('a', { iteration, connections: 'pool' })
// @ts-expect-error what is not async could not be awaited
scenario('a', { iteration: () => {} })
// @ts-expect-error a task is a function, with or without a weight
scenario('a', { tasks: { one: { wieght: 2, run: iteration } } })
// @ts-expect-error a weight is a number
scenario('a', { tasks: { one: { weight: '2', run: iteration } } })

plan({ scenarios: [data, state], thresholds: ['p95 < 300ms'], setup: async () => 5 })
// @ts-expect-error a plan has scenarios
plan({ thresholds: [] })
// @ts-expect-error misspelt
plan({ scenarios: [data], treshold: [] })
// @ts-expect-error thresholds are texts
plan({ scenarios: [data], thresholds: [{ p95: 300 }] })
// @ts-expect-error scenarios are made by scenario()
plan({ scenarios: [{ name: 'a' }] })

/** The rest of a user. */
export async function rest(user: User<{ n: number }>): Promise<void> {
  same<typeof user.state, { n: number }>(true)
  same<number, typeof user.id>(true)
  same<typeof user.env.KEY, string | undefined>(true)
  const job = await user.poll('job', { every: '1s', timeout: '1m' }, async () =>
    user.id > 5 ? { url: 'x' } : undefined,
  )
  same<typeof job, { url: string } | undefined>(true)
  const found = await user.poll('job', { every: '1s', timeout: '1m' }, async () => {
    return user.id > 5 && 'done'
  })
  same<typeof found, 'done' | undefined>(true)
  same<Promise<5>, ReturnType<typeof five>>(true)
  async function five() {
    return user.step('five', async () => 5 as const)
  }
  same<'books' | 'home', ReturnType<typeof drawn>>(true)
  function drawn() {
    return user.random.oneOf(['books', 'home'] as const)
  }
  // @ts-expect-error times are texts with a unit
  await user.think(1000)
  // @ts-expect-error a poll says how often and how long
  await user.poll('job', { every: '1s' }, async () => true)
  // @ts-expect-error the id is given
  user.id = 5
}
