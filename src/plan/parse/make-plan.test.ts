import { describe, expect, test } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { csv } from '../script/data.ts'
import { plan, scenario } from '../script/scenario.ts'
import { between } from '../script/think-time.ts'
import { scriptFolder } from '../testing/script-folder.ts'
import { makePlan } from './make-plan.ts'
import type { PlanOverrides } from './overrides.ts'

const run = async () => {}
const minimal = { target: 'http://127.0.0.1:8080', iteration: run }

/** Options as a JavaScript script may write them, so that no compiler has seen them. */
type Loose = Readonly<Record<string, unknown>>
const one = (options: Loose, name = 'x') => scenario(name, { ...minimal, ...options })

function made(options: Loose, overrides: Partial<PlanOverrides> = {}, scriptPath = '/s/a.ts') {
  const whole = plan({ scenarios: [one({})], ...options })
  return makePlan({ options: whole.options, scriptPath }, { randomSeed: 42, ...overrides })
}

/** The plan of one scenario with these options. */
async function madeScenario(options: Loose, overrides: Partial<PlanOverrides> = {}) {
  const { plan: result } = await made({ scenarios: [one(options)] }, overrides)
  const [first] = result.scenarios
  if (first === undefined) throw new Error('no scenario')
  return first
}

describe('a plan', () => {
  test('of a minimal script has every default', async () => {
    expect(await made({})).toEqual({
      plan: {
        schema: 'loadstone.plan/1',
        script: '/s/a.ts',
        scenarios: [
          {
            name: 'x',
            target: { origin: 'http://127.0.0.1:8080', basePath: '', socketPath: undefined },
            load: { kind: 'iterations', iterations: 1, users: 1, maxDurationUs: 600_000_000 },
            thinkTime: { kind: 'none' },
            tasks: [{ name: 'iteration', weight: 1 }],
            data: [],
            headers: {},
            timeoutUs: 30_000_000,
            connections: 'perUser',
            tls: { insecure: false },
            maxBodyBytes: 64_000_000,
            proxy: undefined,
          },
        ],
        thresholds: [],
        warmUpUs: 0,
        stopTimeoutUs: 30_000_000,
        seed: 42,
        workers: 1,
        env: {},
        tags: {},
        allowedHosts: [],
        limits: { maxUsers: 50_000, maxStartsPerSecond: 200_000 },
        tracingSampledRatio: 1,
        exactPacing: false,
        hasSetup: false,
        hasTeardown: false,
      },
      data: [],
      warnings: [],
    })
  })

  test('is plain data that a worker can be sent', async () => {
    const result = await made({ setup: run, thresholds: ['p95 < 300ms'] })
    expect(structuredClone(result)).toEqual(result)
    expect(JSON.parse(JSON.stringify(result.plan))).toMatchObject({ hasSetup: true })
  })

  test('takes what the script says', async () => {
    const options = {
      thresholds: ['GET /: p99 < 1s for 30s, abort'],
      ...{ warmUp: '1s', stopTimeout: '5s', seed: 7, workers: 3 },
      ...{ env: { A: 'script', B: 'script' }, tags: { team: 'shop' } },
      ...{ allowedHosts: ['*.example.com'], tracing: { sampled: 0.1 } },
      ...{ limits: { maxUsers: 9, maxRate: '60/m' }, teardown: run },
    }
    const result = await made(options, { env: { B: 'flag' }, allowHosts: ['other.example'] })
    expect(result.plan).toMatchObject({
      thresholds: [{ pattern: 'GET /', limit: 1_000_000, forUs: 30_000_000, abort: true }],
      ...{ warmUpUs: 1_000_000, stopTimeoutUs: 5_000_000, seed: 7, workers: 3 },
      ...{ env: { A: 'script', B: 'flag' }, tags: { team: 'shop' }, hasTeardown: true },
      ...{ allowedHosts: ['*.example.com', 'other.example'], tracingSampledRatio: 0.1 },
    })
    expect(result.plan.limits).toEqual({ maxUsers: 9, maxStartsPerSecond: 1 })
  })

  test('takes from the command line what it says instead', async () => {
    const flags = {
      ...{ host: 'https://127.0.0.1/api/', workers: '4', seed: '9', stopTimeout: '1s' },
      ...{ insecure: true, exactPacing: true, thresholds: ['errors < 1%'] },
    }
    const { plan: result } = await made({ seed: 7, workers: 3, stopTimeout: '5s' }, flags)
    expect(result).toMatchObject({ seed: 9, workers: 4, stopTimeoutUs: 1_000_000 })
    expect(result.exactPacing).toBe(true)
    expect(result.thresholds).toHaveLength(1)
    expect(result.scenarios[0]).toMatchObject({
      target: { origin: 'https://127.0.0.1', basePath: '/api' },
      tls: { insecure: true },
    })
  })

  test('keeps the scenarios that were asked for, in the order of the script', async () => {
    const scenarios = [one({}, 'a'), one({}, 'b'), one({}, 'c')]
    const { plan: result } = await made({ scenarios }, { scenarios: ['c', 'a'] })
    expect(result.scenarios.map(({ name }) => name)).toEqual(['a', 'c'])
    await expect(made({ scenarios }, { scenarios: ['d'] })).rejects.toThrow(
      /--scenario: there is no scenario "d"; did you mean "a"\?/,
    )
  })

  test('weighs its tasks in the order of the script', async () => {
    const tasks = { b: { weight: 2.5, run }, a: run }
    expect((await madeScenario({ iteration: undefined, tasks })).tasks).toEqual([
      { name: 'b', weight: 2.5 },
      { name: 'a', weight: 1 },
    ])
  })
})

describe('a warm-up as long as the run', () => {
  const scenarios = [one({ load: { users: 5, duration: '10s' } })]

  test('is a mistake in the script', async () => {
    await expect(made({ scenarios, warmUp: '10s' })).rejects.toThrow(
      /the warm-up \(10\.0 s\) is not shorter than the run \(10\.0 s\), so nothing would be/,
    )
  })

  test('is left out, with a warning, when only the command line made the run short', async () => {
    const result = await made({ scenarios, warmUp: '5s' }, { duration: '3s' })
    expect(result.plan.warmUpUs).toBe(0)
    expect(result.warnings).toEqual([
      'the warm-up (5.00 s) is not shorter than the run (3.00 s), ' +
        'so the figures count from the start',
    ])
  })
})

describe('a mistake in the plan is refused where it stands', () => {
  test.each<[string, Loose, Partial<PlanOverrides>, RegExp]>([
    [
      'a typo',
      { treshold: [] },
      {},
      /^plan: there is no option "treshold"; did you mean thresholds\?/,
    ],
    ['a threshold on nothing', { thresholds: ['p95 < soon'] }, {}, /plan: thresholds\[0\]/],
    [
      'one threshold alone',
      { thresholds: 'p95 < 1s' },
      {},
      /thresholds is the text .*a list of texts/,
    ],
    ['a seed of words', { seed: 'lucky' }, {}, /plan: seed is the text "lucky"/],
    [
      'a seed too large',
      {},
      { seed: '4294967296' },
      /--seed is 4294967296; the largest is 4294967295/,
    ],
    ['no worker', {}, { workers: '0' }, /-w\/--workers is the text "0"/],
    ['a number in env', { env: { N: 5 } }, {}, /plan: env\.N is the number 5; it must be a text/],
    [
      'a share above 1',
      { tracing: { sampled: 5 } },
      {},
      /tracing\.sampled is the number 5; .*0 to 1/,
    ],
    [
      'a time without unit',
      { warmUp: 5 },
      {},
      /plan: warmUp: 5 is not a duration; a time needs a unit/,
    ],
    ['a flag without unit', {}, { stopTimeout: '5' }, /--stop-timeout: "5" is not a duration/],
    ['limits of nothing', { limits: { maxUser: 5 } }, {}, /did you mean maxUsers\?/],
  ])('%s', async (_, options, overrides, message) => {
    const refused = made(options, overrides)
    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow(message)
  })
})

describe('a mistake in a scenario is refused where it stands', () => {
  test.each<[string, Loose, RegExp]>([
    [
      'a typo',
      { thinktime: between('1s', '2s') },
      /^scenario "x": .*"thinktime"; did you mean thinkTime\?/,
    ],
    ['no target', { target: undefined }, /target: no target; write target: .* or give -H URL/],
    ['a target without scheme', { target: 'shop:8080' }, /did you mean 'http:\/\/shop:8080'\?/],
    ['a target of words', { target: 'http://a b' }, /"http:\/\/a b" is not a URL/],
    ['a scheme we do not speak', { target: 'ftp://x' }, /ftp:\/\/ is not supported; use http/],
    ['a password in the target', { target: 'http://a:b@x' }, /carries a user name or password/],
    ['a query in the target', { target: 'http://x/?a=1' }, /\?a=1 cannot be part of a base URL/],
    ['a relative socket', { target: 'unix:app.sock' }, /no absolute socket path/],
    [
      'a swapped think time',
      { thinkTime: between('3s', '1s') },
      /has a min above its max; swap them/,
    ],
    ['a bare think time', { thinkTime: '1s' }, /thinkTime: "1s" is no think time; write between/],
    [
      'a think time in numbers',
      { thinkTime: { kind: 'constant', time: 1 } },
      /thinkTime\.time: 1 is not/,
    ],
    [
      'half a think time',
      { thinkTime: { kind: 'between', min: '1s' } },
      /thinkTime\.max: null is not/,
    ],
    ['a pacing of zero', { thinkTime: { kind: 'pacing', period: '0s' } }, /thinkTime\.period is 0/],
    ['a zero timeout', { timeout: '0s' }, /timeout is 0/],
    ['a size of words', { maxBody: 'big' }, /maxBody: "big" is not a size/],
    [
      'connections of another kind',
      { connections: 'pool' },
      /it must be one of 'perUser', 'shared'/,
    ],
    [
      'a number as header',
      { headers: { 'x-a': 1 } },
      /headers\.x-a is the number 1; it must be a text/,
    ],
    [
      'a name that is no header',
      { headers: { 'x a': '1' } },
      /^scenario "x": headers: "x a" is not a header name$/,
    ],
    [
      'a second header in a value',
      { headers: { 'x-a': '1\r\nx-b: 2' } },
      /headers: header x-a: "1\\r\\nx-b: 2" has a character that a header cannot carry/,
    ],
    ['a header of ours', { headers: { 'Transfer-Encoding': 'chunked' } }, /is set by Loadstone/],
    ['a length for all', { headers: { 'Content-Length': '1' } }, /cannot be a session header/],
    [
      'a certificate without key',
      { tls: { cert: 'a.pem' } },
      /tls: key is missing; cert and key go/,
    ],
    ['a missing CA', { tls: { ca: 'gone.pem' } }, /tls\.ca: \/s\/gone\.pem cannot be read: ENOENT/],
    ['a misspelt TLS option', { tls: { insecur: true } }, /did you mean insecure\?/],
    [
      'data that is none',
      { data: { a: 'a.csv' } },
      /data\.a is the text "a\.csv"; it must be an object/,
    ],
    ['missing data', { data: { a: csv('gone.csv') } }, /data\.a: \/s\/gone\.csv cannot be read/],
  ])('%s', async (_, options, message) => {
    const refused = madeScenario(options)
    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow(message)
  })

  test.each([0, -1, NaN, Infinity, '2', null])('a task weight of %s', async weight => {
    const options = { iteration: undefined, tasks: { pay: { weight, run } } }
    const refused = madeScenario(options)
    // null counts as not given, as undefined does.
    if (weight === null) return expect((await refused).tasks[0]?.weight).toBe(1)
    await expect(refused).rejects.toThrow(/"x": tasks\.pay: weight is .*; it must be above 0/)
  })

  test('a load in an option names option and scenario', async () => {
    await expect(madeScenario({ load: { users: 5, duration: 60 } })).rejects.toThrow(
      `scenario "x": load.duration: 60 is not a duration; a time needs a unit, e.g. '60s'`,
    )
  })
})

describe('targets', () => {
  test.each([
    ['http://127.0.0.1:8080/api/v1/', 'http://127.0.0.1:8080', '/api/v1', undefined],
    ['HTTPS://Shop.Internal:443', 'https://shop.internal', '', undefined],
    ['http://[::1]:80', 'http://[::1]', '', undefined],
    ['unix:/run/app.sock', 'http://localhost', '', '/run/app.sock'],
    ['unix:///run/app.sock', 'http://localhost', '', '/run/app.sock'],
  ])('%s', async (target, origin, basePath, socketPath) => {
    expect((await madeScenario({ target })).target).toEqual({ origin, basePath, socketPath })
  })
})

describe('files of a script', () => {
  test('are read relative to it', async () => {
    const at = scriptFolder({
      'a.ts': '',
      'accounts.csv': '\uFEFFemail, name\na@x,"Doe, J"\n\nb@x,B\n',
      'pki/ca.pem': '-----BEGIN CERTIFICATE-----\n',
    })
    const data = { accounts: csv('accounts.csv', { give: 'unique', per: 'iteration' }) }
    const scenarios = [one({ data, tls: { ca: 'pki/ca.pem' } })]
    const result = await made({ scenarios }, {}, at('a.ts'))
    expect(result.plan.scenarios[0]?.data).toEqual([
      {
        ...{ name: 'accounts', give: 'unique', per: 'iteration' },
        ...{ columns: ['email', 'name'], rowCount: 2 },
      },
    ])
    expect(result.data).toEqual([
      {
        scenario: 'x',
        name: 'accounts',
        rows: [
          ['a@x', 'Doe, J'],
          ['b@x', 'B'],
        ],
      },
    ])
    expect(result.plan.scenarios[0]?.tls.ca).toMatch(/^-----BEGIN/)
  })

  test.each([
    ['', /a\.csv is empty; it needs a header line and rows/],
    ['\n\n', /a\.csv is empty/],
    ['email,name\n', /has a header line \(email, name\) but no rows/],
    ['a,b\n1,2\n3\n', /a\.csv:3: this row has 1 fields, unlike the rows before it/],
    ['a,b\n1,2\n\n\n3,4,5\n', /a\.csv:5: this row has 3 fields/],
    ['a,b\n1,"2\n', /a\.csv:\d: Quote Not Closed/],
    ['a,,c\n1,2,3\n', /a\.csv:1: column 2 has no name/],
    ['a,b,a\n1,2,3\n', /a\.csv:1: two columns are named "a"/],
  ])('a CSV file of %j is refused', async (text, message) => {
    const at = scriptFolder({ 'a.csv': text })
    const scenarios = [one({ data: { rows: csv('a.csv') } })]
    const refused = made({ scenarios }, {}, at('script.ts'))
    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow(message)
  })
})

describe('the proxy of a target', () => {
  const proxies = { http: 'proxy:3128', https: 'http://secure:3128/', no: '.internal, shop:8443' }
  test.each([
    ['http://example.com', 'http://proxy:3128/'],
    ['https://example.com', 'http://secure:3128/'],
    ['http://cart.internal', undefined],
    ['http://internal', undefined],
    ['http://notinternal', 'http://proxy:3128/'],
    ['https://shop:8443', undefined],
    ['https://shop', 'http://secure:3128/'],
    ['http://127.0.0.1:8080', undefined],
    ['http://localhost:8080', undefined],
    ['unix:/run/app.sock', undefined],
  ])('%s', async (target, proxy) => {
    expect((await madeScenario({ target }, { proxies })).proxy).toBe(proxy)
  })

  test('NO_PROXY=* takes every target out, and an empty variable is none', async () => {
    const target = 'http://example.com'
    expect((await madeScenario({ target }, { proxies: { ...proxies, no: '*' } })).proxy).toBe(
      undefined,
    )
    expect((await madeScenario({ target }, { proxies: { http: '' } })).proxy).toBe(undefined)
  })

  test('a proxy we cannot speak to is refused', async () => {
    const target = 'http://example.com'
    await expect(madeScenario({ target }, { proxies: { http: 'socks5://x' } })).rejects.toThrow(
      /HTTP_PROXY: "socks5:\/\/x" is not an http:\/\/ proxy/,
    )
  })
})
