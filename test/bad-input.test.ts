import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, loadstone, runScript, scriptText, type ScenarioTexts } from './program.ts'

/** Nothing listens here, and nothing needs to: these runs end before they begin. */
const nowhere = 'http://127.0.0.1:9'

interface Case {
  readonly what: string
  readonly texts?: Partial<ScenarioTexts>
  readonly flags?: readonly string[]
  readonly says: RegExp
}

const cases: readonly Case[] = [
  { what: 'an unknown option', flags: ['--user', '5'], says: /--user[\s\S]*--users/ },
  { what: 'an option without its value', flags: ['-u'], says: /-u, --users <n>.*argument missing/ },
  { what: 'a number that is none', flags: ['-u', 'five'], says: /--users: "five" is not a whole/ },
  { what: 'users without a number of them', flags: ['-u', '0'], says: /users.* 0|at least 1/ },
  { what: 'a duration without a unit', flags: ['-d', '30'], says: /"30" .*needs a unit.*'30s'/ },
  { what: 'a negative duration', flags: ['-d=-5s'], says: /-5s.* is not a duration/ },
  { what: 'a rate without sense', flags: ['--rate', 'fast'], says: /--rate: "fast".*50\/s/ },
  { what: 'a stage that is none', flags: ['-s', 'up'], says: /"up" is not a stage/ },
  { what: 'flags that contradict', flags: ['--rate', '5/s', '-i', '9'], says: /contradict/ },
  { what: 'a value without a name', flags: ['-e', 'TOKEN'], says: /-?-e.*NAME=value/ },
  {
    what: 'a target without a scheme',
    flags: ['-H', 'localhost:8080'],
    says: /http:\/\/localhost:8080/,
  },
  {
    what: 'a scenario that is not there',
    flags: ['--scenario', 'visitr'],
    says: /did you mean "visitor"/,
  },
  { what: 'a log level that is none', flags: ['--log-level', 'loud'], says: /"loud" is none of/ },
  {
    what: 'a result folder that is not there',
    flags: ['--json', '/none/a.json'],
    says: /--json: \/none\/a\.json.*no folder \/none/,
  },
  {
    what: 'a result path that is a folder',
    flags: ['--junit', '/tmp'],
    says: /--junit: \/tmp.*folder/,
  },
  {
    what: 'a negative time in the script',
    texts: { load: `{ users: 1, duration: '-1s' }` },
    says: /scenario "visitor".*duration.*-1s/,
  },
  {
    what: 'a time without a unit in the script',
    texts: { load: `{ users: 1, duration: '10' }` },
    says: /"10".*needs a unit/,
  },
  {
    what: 'a threshold on an unknown metric',
    texts: { plan: `thresholds: ['p95x < 1s']` },
    says: /thresholds\[0\].*p95x/,
  },
  {
    what: 'a threshold that compares nothing',
    texts: { plan: `thresholds: ['p95']` },
    says: /thresholds\[0\].*compares nothing/,
  },
  { what: 'an unknown key', texts: { plan: `treshholds: []` }, says: /treshholds.*thresholds/ },
  {
    what: 'a CSV that is not there',
    texts: { more: `data: { a: csv('none.csv') },` },
    says: /none\.csv/,
  },
  {
    what: 'a script that throws while it is read',
    texts: { before: `if (true) throw new Error('no tenant')` },
    says: /visitor\.ts:2:\d+: Error: no tenant/,
  },
]

describe('a mistake gets one message, exit code 2 and no stack trace', () => {
  test.each(cases)('$what', async ({ texts = {}, flags = [], says }) => {
    const { code, stderr, stdout } = await runScript({ target: nowhere, ...texts }, flags).ended
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
})

const scripts: readonly { what: string; text: string; says: RegExp }[] = [
  { what: 'no default export', text: `export const a = 1`, says: /default export|export default/ },
  { what: 'a default export that is no plan', text: `export default 42`, says: /default/ },
  {
    what: 'a syntax error',
    text: `export default {\n  a: ,\n}`,
    says: /script\.ts:2:6: .*Unexpected ","/,
  },
  {
    what: 'an import that is not there',
    text: `import 'left-pad-9'`,
    says: /script\.ts:1:8: .*left-pad-9[\s\S]*npm install/,
  },
  {
    what: 'a plan without scenarios',
    text: `import { plan } from 'loadstone'\nexport default plan({ scenarios: [] })`,
    says: /scenario/,
  },
  {
    what: 'a task of weight 0',
    text: `import { scenario } from 'loadstone'
export default scenario('a', {
  target: 'http://127.0.0.1:9',
  tasks: { t: { weight: 0, run: async () => {} } },
})`,
    says: /weight.*0/,
  },
  {
    what: 'neither tasks nor an iteration',
    text: `import { scenario } from 'loadstone'
export default scenario('a', { target: 'http://127.0.0.1:9' })`,
    says: /iteration/,
  },
]

describe('a script that cannot run is refused', () => {
  test.each(scripts)('$what', async ({ text, says }) => {
    const { code, stderr } = await loadstone(['run', folder().write('script.ts', text)])
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })

  test('a script that is not there', async () => {
    const { code, stderr } = await loadstone(['run', '/nowhere/shop.ts'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/shop\.ts: there is no such file/)])
  })
})

describe('data files', () => {
  const cases = [
    { what: 'an empty one', text: '', says: /people\.csv.*empty/ },
    { what: 'a header without rows', text: 'email,password\n', says: /people\.csv.*no rows/ },
    { what: 'a ragged line', text: 'email,password\na@b.c,x\nd@e.f\n', says: /people\.csv:3/ },
  ]
  test.each(cases)('$what is refused with its line', async ({ text, says }) => {
    const files = folder()
    files.write('people.csv', text)
    const more = `data: { people: csv('people.csv') },`
    const script = files.write('visitor.ts', scriptText({ target: nowhere, more }))
    const { code, stderr } = await loadstone(['run', script])
    expect(stderr).toMatch(says)
    expect(code).toBe(2)
  })
})

describe('the command itself', () => {
  test('an env file that is not there is named', async () => {
    const files = folder()
    const script = files.write('visitor.ts', scriptText({ target: nowhere }))
    const env = { LOADSTONE_ENV_FILE: join(files.path, 'none.env') }
    const { code, stderr } = await loadstone(['run', script], { env })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/none\.env/)])
    // Node reads --env-file wherever it stands and refuses it before we are asked.
    const flag = await loadstone(['run', script, '--env-file', join(files.path, 'none.env')])
    expect(flag.stderr).toMatch(/none\.env/)
    expect(flag.code).toBeGreaterThan(0)
  })

  test('an unknown command names the nearest', async () => {
    const { code, stderr } = await loadstone(['rnu', 'a.ts'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/rnu[\s\S]*run/)])
  })

  test('help and version end well', async () => {
    const help = await loadstone(['run', '--help'])
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('Example:')])
    const version = await loadstone(['--version'])
    expect([version.code, version.stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
  })
})

describe('check', () => {
  test('a type mistake is shown with its line and ends with 2', async () => {
    const iteration = `await user.http.get('/products/:id')`
    const script = folder().write('visitor.ts', scriptText({ target: nowhere, iteration }))
    const { code, stdout } = await loadstone(['check', script])
    expect(stdout).toMatch(/visitor\.ts:8:21: TS2554/)
    expect(code).toBe(2)
  })

  test('a good script shows its plan and ends with 0', async () => {
    const load = `{ users: 20, rampUp: '10s', duration: '1m' }`
    const script = folder().write('visitor.ts', scriptText({ target: nowhere, load }))
    const { code, stdout } = await loadstone(['check', script])
    expect(stdout).toContain('0 to 20 users in 10.0 s, then 20 users for 50.0 s')
    expect(stdout).toContain('✓ types')
    expect(code).toBe(0)
  })
})
