import { expect, test } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import { loadstoneVersion } from './version.ts'

test('the version is the one that is published', () => {
  expect(loadstoneVersion).toBe(packageFile.version)
})
