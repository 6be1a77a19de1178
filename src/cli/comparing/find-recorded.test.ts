import { expect, onTestFinished, test } from 'vitest'
import { postgresPlaces } from '../../store/testing/databases.ts'
import { openReferred, readReference } from './find-recorded.ts'

test('a password in the address of a store is in no message', async () => {
  expect(() => readReference('postgres://me:hush@db/runs#', '--baseline')).toThrow(
    '--baseline: "postgres://***@db/runs" names no run',
  )
  const places = await postgresPlaces()
  onTestFinished(() => places.close())
  const place = `${await places.fresh()}&password=hush`
  const opened = openReferred(readReference(place, '--baseline'), { script: 'shop.ts' })
  const error: unknown = await opened.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'BASELINE_MISSING' })
  expect(String(error)).toContain('password=*** has no finished run of shop.ts')
  expect(String(error)).not.toContain('hush')
})
