import { describe, expect, test } from 'vitest'
import type { UsageError } from '../../base/index.ts'
import { makePlan } from '../parse/make-plan.ts'
import type { PlanOverrides } from '../parse/overrides.ts'
import { scenario, type PlanOptions } from '../script/scenario.ts'
import { guardPlan } from './guard-plan.ts'
import { hostGuard, type Lookup } from './host-guard.ts'
import { isPrivateAddress } from './private-address.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  'shop.internal': ['10.1.2.3'],
  'public.internal': ['93.184.216.34'],
  'half.example': ['10.0.0.1', '93.184.216.34'],
  'www.example.com': ['93.184.216.34'],
}
const lookup: Lookup = async name => {
  const found = names[name]
  if (found === undefined) throw new Error(`ENOTFOUND ${name}`)
  return found
}

/** undefined when the guard lets it pass, else its error. */
async function guarded(
  target: string,
  options: Partial<PlanOptions> = {},
  overrides: Partial<PlanOverrides> = {},
): Promise<UsageError | undefined> {
  const scenarios = [scenario('x', { target, iteration: async () => {} })]
  const script = { options: { scenarios, ...options }, scriptPath: '/s/a.ts' }
  const { plan } = await makePlan(script, { randomSeed: 1, ...overrides })
  return guardPlan(plan, { lookup }).then(
    () => undefined,
    (error: unknown) => error as UsageError,
  )
}

describe('the safety guard', () => {
  test.each([
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://LOCALHOST.:8080',
    'http://[::1]:8080',
    'http://2130706433',
    'http://10.0.0.7',
    'http://shop.internal',
    'unix:/run/app.sock',
  ])('lets %s pass', async target => {
    expect(await guarded(target)).toBeUndefined()
  })

  test.each([
    'http://93.184.216.34',
    'http://172.32.0.1',
    'http://www.example.com',
    'http://public.internal',
    'http://half.example',
    'http://[2606:2800:220:1::1]',
    'http://[::ffff:93.184.216.34]',
  ])('refuses %s', async target => {
    expect(await guarded(target)).toMatchObject({ code: 'GUARD', exitCode: 110 })
  })

  test('says exactly what to write to allow a host, and that works', async () => {
    const target = 'https://www.example.com/shop'
    expect((await guarded(target))?.message).toBe(
      'scenario "x": www.example.com is neither loopback nor private. ' +
        'If you may load it, say so: ' +
        "--allow-host www.example.com on the command line, or allowedHosts: ['www.example.com'] " +
        'in plan({ ... })',
    )
    expect(await guarded(target, { allowedHosts: ['www.example.com'] })).toBeUndefined()
    expect(await guarded(target, {}, { allowHosts: ['WWW.example.com'] })).toBeUndefined()
    expect(await guarded(target, { allowedHosts: ['*.example.com'] })).toBeUndefined()
  })

  test('a star covers names below, not the name itself and not its look-alikes', async () => {
    const options = { allowedHosts: ['*.www.example.com', '*.ample.com', 'example.com'] }
    expect(await guarded('http://www.example.com', options)).toMatchObject({ exitCode: 110 })
  })

  test.each(['*', '*.com', 'https://example.com', 'example.com/shop', ''])(
    'an allowed host of %j is refused as a mistake',
    async entry => {
      expect(await guarded('http://127.0.0.1', { allowedHosts: [entry] })).toMatchObject({
        code: 'ALLOWED_HOST',
        exitCode: 2,
      })
    },
  )

  test('a name that cannot be resolved is left to the run, but not to a proxy', async () => {
    expect(await guarded('http://gone.example')).toBeUndefined()
    const proxies = { http: 'http://10.0.0.1:3128' }
    expect(await guarded('http://gone.example', {}, { proxies })).toMatchObject({ exitCode: 110 })
  })

  test('caps users and rates over all scenarios together', async () => {
    const run = async () => {}
    const target = 'http://127.0.0.1'
    const loads = (load: object) => ({
      scenarios: ['a', 'b'].map(name =>
        scenario(name, { target, load: load as never, iteration: run }),
      ),
    })
    const users = loads({ users: 30_000, duration: '1s' })
    expect((await guarded(target, users))?.message).toMatch(
      /up to 60000 users, the limit is 50000.* limits: \{ maxUsers: 60000 \}/,
    )
    expect(await guarded(target, { ...users, limits: { maxUsers: 60_000 } })).toBeUndefined()
    const rate = loads({ rate: '150000/s', duration: '1s', maxUsers: 40_000 })
    expect((await guarded(target, rate))?.message).toMatch(
      /up to 300000 iterations per second, the limit is 200000.*maxRate: '300000\/s'/,
    )
    expect(await guarded(target, { ...rate, limits: { maxRate: '300000/s' } })).toBeUndefined()
  })
})

describe('hosts a script asks for later', () => {
  test('are answered at once when no name has to be resolved, or was before', async () => {
    let lookups = 0
    const guard = hostGuard(['*.storage.example'], async name => {
      lookups++
      return lookup(name)
    })
    expect(guard.verdictOf('192.168.1.1')).toBe('allowed')
    expect(guard.verdictOf('[fd00::1]')).toBe('allowed')
    expect(guard.verdictOf('8.8.8.8')).toBe('refused')
    expect(guard.verdictOf('eu.storage.example')).toBe('allowed')
    expect(lookups).toBe(0)
    expect(await guard.verdictOf('shop.internal')).toBe('allowed')
    expect(await guard.verdictOf('www.example.com')).toBe('refused')
    expect(guard.verdictOf('shop.internal')).toBe('allowed')
    expect(guard.verdictOf('WWW.example.com.')).toBe('refused')
    expect(lookups).toBe(2)
  })

  test('a name that could not be resolved is asked again', async () => {
    const guard = hostGuard([], lookup)
    expect(await guard.verdictOf('gone.example')).toBe('unknown')
    expect(guard.verdictOf('gone.example')).toBeInstanceOf(Promise)
  })

  test('a connection is judged by the address it goes to, unless the name is listed', () => {
    const guard = hostGuard(['www.example.com', '9.9.9.9'])
    expect(guard.mayConnect('shop.internal', '10.0.0.1')).toBe(true)
    expect(guard.mayConnect('shop.internal', '93.184.216.34')).toBe(false)
    expect(guard.mayConnect('WWW.example.com', '93.184.216.34')).toBe(true)
    expect(guard.mayConnect('9.9.9.9', '9.9.9.9')).toBe(true)
    expect(guard.mayConnect('8.8.8.8', '8.8.8.8')).toBe(false)
  })

  test('the system resolver knows this machine', async () => {
    expect(await hostGuard([]).verdictOf('localhost')).toBe('allowed')
  })
})

test.each([
  ['127.255.255.255', true],
  ['128.0.0.1', false],
  ['9.255.255.255', false],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.31.255.255', true],
  ['192.168.255.255', true],
  ['192.169.0.0', false],
  ['100.63.255.255', false],
  ['100.64.0.0', true],
  ['100.128.0.0', false],
  ['169.254.1.1', true],
  ['0.0.0.0', true],
  ['0.0.0.1', false],
  ['::1', true],
  ['::2', false],
  ['fdff::1', true],
  ['fe00::1', false],
  ['fe80::1%eth0', true],
  ['fec0::1', false],
  ['::ffff:10.0.0.1', true],
  ['::ffff:9.0.0.1', false],
  ['64:ff9b::a00:1', false],
  ['localhost', false],
  ['', false],
])('%s is private: %s', (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected)
})
