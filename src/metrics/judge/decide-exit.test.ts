import { expect, test } from 'vitest'
import { decideExit, type ExitFacts } from './decide-exit.ts'

const passed: ExitFacts = {
  run: { endState: 'finished', refusedHost: undefined },
  scriptErrors: [],
  validity: { valid: true },
  thresholds: [],
}
const against = (
  verdict: NonNullable<ExitFacts['baseline']>['verdict'],
  strict = false,
): ExitFacts => ({
  ...passed,
  baseline: { runId: 'base', verdict, because: 'p95 is slower', strict },
})

test('only a regression, or a strict reader who cannot be told, fails a run that is well', () => {
  expect(decideExit(passed)).toBe('pass')
  expect(decideExit(against('regressed'))).toBe('regression')
  expect(decideExit(against('improved', true))).toBe('pass')
  expect(decideExit(against('equivalent', true))).toBe('pass')
  expect(decideExit(against('inconclusive'))).toBe('pass')
  expect(decideExit(against('inconclusive', true))).toBe('inconclusive')
})

test('whatever makes the comparison less trustworthy counts before it', () => {
  const worse = against('regressed')
  expect(decideExit({ ...worse, validity: { valid: false } })).toBe('invalid')
  expect(decideExit({ ...worse, run: { ...worse.run, endState: 'aborted' } })).toBe('aborted')
  expect(decideExit({ ...worse, run: { ...worse.run, endState: 'crashed' } })).toBe('internal')
  const failed = [{ ok: false } as ExitFacts['thresholds'][number]]
  expect(decideExit({ ...worse, thresholds: failed })).toBe('threshold')
})
