import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundleScript } from '../bundle/bundle-script.ts'
import { loadScript } from '../bundle/load-script.ts'
import { makePlan } from '../parse/make-plan.ts'
import { lintText } from '../testing/lint-text.ts'
import { scriptFolder } from '../testing/script-folder.ts'
import { formatFinding } from './finding.ts'
import { lintScript } from './lint-script.ts'

async function lintFile(path: string) {
  const bundle = await bundleScript(path)
  const { plan } = await makePlan(await loadScript(bundle), { randomSeed: 1 })
  return lintScript({ plan, bundle })
}

describe('linting a script', () => {
  test('covers the files of its own that it imports, not its packages', async () => {
    const at = scriptFolder({
      'a.ts': `import { scenario } from 'loadstone'
import { logIn } from './lib/log-in.ts'
import 'noisy'
export default scenario('x', { target: 'http://127.0.0.1', iteration: logIn })`,
      'lib/log-in.ts': `import type { User } from 'loadstone'
export async function logIn(user: User) {
  await user.http.post('/login', { json: { email: 'a@b.c' } })
}`,
      'node_modules/noisy/index.js': `globalThis.user?.http.get('/health')`,
    })
    const findings = await lintFile(at('a.ts'))
    expect(findings.map(({ rule, file, line }) => ({ rule, file, line }))).toEqual([
      { rule: 'one-endpoint', file: at('lib/log-in.ts'), line: 3 },
      { rule: 'login-unchecked', file: at('lib/log-in.ts'), line: 3 },
      { rule: 'shared-account', file: at('lib/log-in.ts'), line: 3 },
    ])
  })

  test('leaves out a rule that the script switches off', async () => {
    const text = `await user.http.get('/health')`
    expect(await lintText(text)).toHaveLength(1)
    expect(await lintText(`// loadstone-ignore health-only: a smoke test\n${text}`)).toEqual([])
  })

  test('shows findings as a line each', () => {
    const finding = { rule: 'r', severity: 'info', message: 'm' } as const
    expect(formatFinding({ ...finding, file: 'a.ts', line: 3 })).toBe('a.ts:3: info: m (r)')
    expect(formatFinding({ ...finding, file: undefined, line: undefined })).toBe('info: m (r)')
  })

  test('finds nothing in the script that the script reference shows first', async () => {
    const text = `import { scenario, between } from 'loadstone'
const skus = Array.from({ length: 500 }, (_, index) => 'sku-' + index)
export default scenario('shopper', {
  target: 'http://127.0.0.1:8080',
  load: { users: 50, rampUp: '10s', duration: '2m' },
  thinkTime: between('1s', '3s'),
  async onStart(user) {
    const login = await user.http.post('/api/auth/login', {
      json: { email: \`loadtest+\${user.id}@example.com\`, password: 'P@ssword123!' },
      expect: 200,
      required: true,
    })
    const { access_token: token } = login.json<{ access_token: string }>()
    user.http.headers.set('authorization', \`Bearer \${token}\`)
    return { cartId: undefined as string | undefined }
  },
  tasks: {
    browse: { weight: 4, run: async user => {
      const category = user.random.oneOf(['books', 'home'])
      await user.http.get('/api/catalog/products', { query: { category } })
    } },
    view: { weight: 3, run: async user => {
      await user.http.get('/api/catalog/products/:id', { params: { id: user.random.oneOf(skus) } })
    } },
  },
  async onStop(user) { await user.http.post('/api/auth/logout') },
})`
    expect(await lintFile(scriptFolder({ 'a.ts': text })('a.ts'))).toEqual([])
  })
})

describe('the examples', () => {
  const folder = join(dirname(new URL(import.meta.url).pathname), '../../../examples')
  const scripts = readdirSync(folder).filter(name => name.endsWith('.ts'))

  test.each(scripts)('%s has no warning', async name => {
    expect(readFileSync(join(folder, name), 'utf8')).toContain("from 'loadstone'")
    const findings = await lintFile(join(folder, name))
    expect(findings.filter(({ severity }) => severity === 'warning')).toEqual([])
  })
})
