import { describe, expect, test } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import type { AnyUser } from '../script-module.ts'
import { scriptFolder } from '../testing/script-folder.ts'
import { bundleScript } from './bundle-script.ts'
import { loadScript } from './load-script.ts'

async function loaded(files: Readonly<Record<string, string>>) {
  return loadScript(await bundleScript(scriptFolder(files)('a.ts')))
}

async function refusal(text: string): Promise<string> {
  const error: unknown = await loaded({ 'a.ts': text }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UsageError)
  return (error as UsageError).message
}

/** Runs the first task of the only scenario and describes what it threw. */
async function described(files: Readonly<Record<string, string>>): Promise<string> {
  const script = await loaded(files)
  const task = [...script.scenarios.values()][0]?.tasks[0]
  try {
    await task?.({} as AnyUser)
  } catch (error) {
    return script.describeError(error)
  }
  throw new Error('the task did not throw')
}

const scriptWith = (body: string, before = '') => `import { scenario } from 'loadstone'
${before}
export default scenario('x', { tasks: { pay: async (user: unknown) => {
  ${body}
} } })`

describe('the functions of a script', () => {
  test('come in the order of the tasks, with or without a weight', async () => {
    const { scenarios, setup, teardown } = await loaded({
      'a.ts': `import { plan, scenario } from 'loadstone'
const one = scenario('one', { onStart: () => 'started', tasks: {
  slow: { weight: 3, run: async () => 'slow' }, fast: async () => 'fast' } })
const two = scenario('two', { iteration: async () => 'only', onStop: async () => 'stopped' })
export default plan({ scenarios: [one, two], setup: async () => 7 })`,
    })
    const one = scenarios.get('one')
    const user = {} as AnyUser
    expect(await Promise.all(one?.tasks.map(run => run(user)) ?? [])).toEqual(['slow', 'fast'])
    expect(one?.onStart?.(user)).toBe('started')
    expect(await scenarios.get('two')?.onStop?.(user)).toBe('stopped')
    expect(await setup?.({} as never)).toBe(7)
    expect(teardown).toBeUndefined()
  })
})

describe('a script that cannot be used is refused', () => {
  const first = `import { plan, scenario } from 'loadstone'\n`
  test.each([
    ['nothing exported', `const a = 1`, /a\.ts exports nothing; it needs a default export/],
    ['no default', `${first}export const x = 1, y = 2`, /exports only x, y; it needs a default/],
    ['a function', `export default () => 1`, /the default export is a function, not a scenario/],
    ['null', `export default null`, /the default export is null, not a scenario/],
    [
      'an empty plan',
      `${first}export default plan({ scenarios: [] })`,
      /the plan has no scenarios/,
    ],
    ['a plan of nothing', `${first}export default plan()`, /plan\(\) was given undefined/],
    [
      'a plan of functions',
      `${first}export default plan({ scenarios: [() => 1] })`,
      /scenarios\[0\] is a function; make it with scenario/,
    ],
    [
      'the same name twice',
      `${first}const s = scenario('x', { iteration: async () => {} })
export default plan({ scenarios: [s, s] })`,
      /two scenarios are named "x"/,
    ],
    ['no name', `${first}export default scenario('', {})`, /a scenario needs a name/],
    ['no options', `${first}export default scenario('x')`, /"x": its options are undefined/],
    ['nothing to do', `${first}export default scenario('x', {})`, /neither tasks nor iteration/],
    ['no task', `${first}export default scenario('x', { tasks: {} })`, /"x" has no task in tasks/],
    [
      'tasks and iteration',
      `${first}const run = async () => {}
export default scenario('x', { tasks: { a: run }, iteration: run })`,
      /"x" has both tasks and iteration/,
    ],
    [
      'a task that is none',
      `${first}export default scenario('x', { tasks: { a: 'GET /' } })`,
      /tasks\.a is the text "GET \/"; write a function/,
    ],
    [
      'a misspelt task option',
      `${first}export default scenario('x', { tasks: { a: { wieght: 2, run: async () => {} } } })`,
      /tasks\.a: there is no option "wieght"; known: weight, run/,
    ],
    [
      'a hook that is none',
      `${first}export default scenario('x', { onStart: 5, iteration: async () => {} })`,
      /onStart is the number 5; it must be a function/,
    ],
    [
      'a top level that throws',
      `const a: { b?: { c: number } } = {}\nexport default a.b!.c`,
      /could not be loaded: a\.ts:2:21: TypeError: Cannot read properties of undefined/,
    ],
  ])('%s', async (_, text, message) => {
    expect(await refusal(text)).toMatch(message)
  })

  test('a top level that never ends', async () => {
    const bundle = await bundleScript(
      scriptFolder({ 'a.ts': 'await new Promise(() => {})\nexport default 1' })('a.ts'),
    )
    const clock = new FakeClock()
    const refused = expect(loadScript(bundle, clock)).rejects.toThrow(
      /did not finish loading in 60 s/,
    )
    await clock.advance(60_000_000)
    await refused
  })
})

describe('an error of the script', () => {
  test('shows the line and column of the arrow that threw', async () => {
    const text = scriptWith(`const card = undefined as unknown as { charge(): void }
  card.charge()`)
    const place = 'a.ts:5:8: TypeError: '
    expect(await described({ 'a.ts': text })).toContain(place)
  })

  test('in a helper module of the script names that module', async () => {
    const message = await described({
      'a.ts': scriptWith('pay(3)', `import { pay } from './lib/pay.ts'`),
      'lib/pay.ts': `interface Money { amount: number }

export function pay(amount: number): Money {
  throw new RangeError(\`no \${amount}\`)
}`,
    })
    expect(message).toBe('lib/pay.ts:4:9: RangeError: no 3')
  })

  test('in a package names the line of the script, and the package', async () => {
    const message = await described({
      'a.ts': scriptWith('strict(3)', `import { strict } from 'strict'`),
      'node_modules/strict/package.json': '{ "main": "main.js" }',
      'node_modules/strict/main.js': `exports.strict = n => {
  throw new Error('not ' + n)
}`,
    })
    expect(message).toBe('a.ts:4:3: (in node_modules/strict/main.js:2:9) Error: not 3')
  })

  test('shows its causes', async () => {
    const message = await described({
      'a.ts': scriptWith(`try { null!.x } catch (cause) { throw new Error('outer', { cause }) }`),
    })
    expect(message).toMatch(/^a\.ts:4:\d+: Error: outer; caused by a\.ts:4:\d+: TypeError: Cannot/)
  })

  test('that is an AggregateError shows what it holds', async () => {
    const message = await described({
      'a.ts': scriptWith(
        `await Promise.any([Promise.reject(new Error('one')), Promise.reject('two')])`,
      ),
    })
    expect(message).toMatch(
      /AggregateError: .*; caused by a\.ts:4:\d+: Error: one; caused by threw 'two'/,
    )
  })

  test('keeps the name of its own class and stays on one line', async () => {
    const body = `class Declined extends Error { override name = 'Declined' }
  throw new Declined('card\\n  refused')`
    expect(await described({ 'a.ts': scriptWith(body) })).toBe('a.ts:5:9: Declined: card refused')
  })

  test.each([
    [`throw 'declined'`, `threw 'declined', not an Error`],
    [`throw undefined`, 'threw undefined, not an Error'],
    [`throw { code: 7 }`, 'threw { code: 7 }, not an Error'],
    [
      `throw new Proxy(new Error('x'), { get() { throw new Error('trap') } })`,
      'threw something that cannot be read',
    ],
  ])('that is not an Error is described too: %s', async (body, message) => {
    expect(await described({ 'a.ts': scriptWith(body) })).toBe(message)
  })

  test('that is its own cause ends', async () => {
    const body = `const e = new Error('round'); e.cause = e; throw e`
    expect((await described({ 'a.ts': scriptWith(body) })).match(/round/g)).toHaveLength(6)
  })

  test('of a bundle without a source map keeps its text and has no position', async () => {
    const code = `const iteration = () => { throw new TypeError('no price') }
export default { kind: 'loadstone.scenario', name: 'x', options: { iteration } }`
    const script = await loadScript({ code, sha256: 'f00d', scriptPath: '/s/made-in-memory' })
    const [task] = script.scenarios.get('x')?.tasks ?? []
    expect.assertions(1)
    try {
      task?.({} as AnyUser)
    } catch (error) {
      expect(script.describeError(error)).toBe('TypeError: no price')
    }
  })

  test('of ours, far from any script, keeps its text', async () => {
    const script = await loaded({ 'a.ts': scriptWith('') })
    expect(script.describeError(new Error('elsewhere'))).toBe('Error: elsewhere')
  })
})
