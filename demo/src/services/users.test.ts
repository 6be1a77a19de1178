import { expect, test } from 'vitest'
import { userIdOf } from './users.ts'

test('an address has the same user id in every run, the one the seeded history belongs to', () => {
  // printf 'loadtest+7@example.com' | sha256sum | cut -c1-12
  expect(userIdOf('loadtest+7@example.com')).toBe('usr-ffcfefab4034')
})
