import { expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { NameCache } from './name-cache.ts'

const resolve = (names: NameCache, host: string) =>
  new Promise<readonly string[] | Error>(done => {
    names.resolve(host, (error, addresses) => done(error ?? addresses))
  })

/** The answer if it is there at once, else undefined. */
function resolveNow(names: NameCache, host: string): readonly string[] | undefined {
  let found: readonly string[] | undefined
  names.resolve(host, (_, addresses) => (found = addresses))
  return found
}

test('an address needs no question', () => {
  const names = new NameCache(new FakeClock())
  expect(resolveNow(names, '192.0.2.1')).toEqual(['192.0.2.1'])
  expect(resolveNow(names, '::1')).toEqual(['::1'])
})

test('a name is asked for once in ten seconds', async () => {
  const clock = new FakeClock()
  const names = new NameCache(clock)
  const asked = resolveNow(names, 'localhost')
  expect(asked).toBeUndefined()
  const addresses = await resolve(names, 'localhost')
  expect(addresses).toContain('127.0.0.1')
  await clock.advance(9_999_000)
  expect(resolveNow(names, 'localhost')).toEqual(addresses)
  await clock.advance(2_000)
  expect(resolveNow(names, 'localhost')).toBeUndefined()
})

test('the family that took a connection goes first', async () => {
  const names = new NameCache(new FakeClock())
  await resolve(names, 'localhost')
  names.prefer('localhost', '127.0.0.1')
  expect(resolveNow(names, 'localhost')?.[0]).toBe('127.0.0.1')
  names.prefer('never-asked', '127.0.0.1')
})

test('a failure is told to all who asked, and is not kept', async () => {
  const names = new NameCache(new FakeClock())
  const asked = [1, 2].map(() => resolve(names, 'no-such-host.invalid'))
  for (const answer of await Promise.all(asked)) expect(answer).toBeInstanceOf(Error)
  expect(resolveNow(names, 'no-such-host.invalid')).toBeUndefined()
})
