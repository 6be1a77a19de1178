import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { folder, goodEnds, scriptText, startTarget, type Folder } from './program.ts'

const root = resolve(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

interface Step {
  readonly name: string
  readonly id?: string
  readonly if?: string
  readonly shell: string
  readonly env: Readonly<Record<string, string>>
  readonly run: string
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: true }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}
interface Job {
  readonly variables: Readonly<Record<string, string>>
  readonly script: readonly string[]
  readonly artifacts: { readonly paths: string[]; readonly reports: { readonly junit: string } }
  readonly cache: readonly { readonly paths: readonly string[] }[]
}

const action = parse(textOf('action.yml')) as Action
const templatePath = 'deploy/gitlab/loadstone.gitlab-ci.yml'
const job = (parse(textOf(templatePath)) as { '.loadstone': Job })['.loadstone']
const stepNamed = (name: string) => action.runs.steps.find(step => step.name === name)!
const command = `${process.execPath} ${join(root, 'src/cli/bin.js')}`

interface ShellEnded {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs bash as a CI machine does, with these variables and little else. */
function bash(script: string, cwd: string, env: Record<string, string>): Promise<ShellEnded> {
  const path = `${join(cwd, 'bin')}:${process.env['PATH'] ?? ''}`
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: { HOME: cwd, CI: 'true', NO_COLOR: '1', ...env, PATH: path },
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text))
  }
  return new Promise(done => child.on('close', code => done({ code, ...texts })))
}

/** What the runner of GitHub puts in the place of '${{ ... }}'. */
function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ (.+?) \}\}/g, (_, name: string) => values[name] ?? '')
}

function githubIn(files: Folder, inputs: Readonly<Record<string, string>>) {
  const defaults = Object.entries(action.inputs).map(([name, one]) => [name, one.default ?? ''])
  const given = { ...Object.fromEntries(defaults), command, ...inputs } as Record<string, string>
  const values: Record<string, string> = { 'github.event.pull_request.number': '7' }
  for (const [name, value] of Object.entries(given)) values[`inputs.${name}`] = value
  const outputFile = files.write('output', '')
  const summaryFile = files.write('step-summary.md', '')
  return {
    summaryFile,
    async step(name: string): Promise<ShellEnded> {
      const { run, env } = stepNamed(name)
      const filled = Object.entries(env).map(([key, text]) => [key, filledIn(text, values)])
      const ended = await bash(run, files.path, {
        ...(Object.fromEntries(filled) as Record<string, string>),
        ...{ GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile },
        GITHUB_REPOSITORY: 'someone/shop',
      })
      for (const [, key = '', value = ''] of readFileSync(outputFile, 'utf8').matchAll(
        /^(\S+?)=(.*)$/gm,
      )) {
        values[`steps.run.outputs.${key}`] = value
      }
      return ended
    },
  }
}

describe('the action for GitHub', () => {
  test('is composite, runs bash only, and gives inputs to it through the environment', () => {
    expect(action.runs.using).toBe('composite')
    for (const { shell, run, env } of action.runs.steps) {
      expect([shell, run.includes('${{')]).toEqual(['bash', false])
      // A variable LOADSTONE_... would be an option of the command.
      expect(Object.keys(env).filter(name => name.startsWith('LOADSTONE_'))).toEqual([])
    }
    const used = [...textOf('action.yml').matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name)
    expect(new Set(used)).toEqual(new Set(Object.keys(action.inputs)))
    expect(action.outputs['exit-code']!.value).toBe('${{ steps.run.outputs.exit-code }}')
  })

  test('makes all files, compares with the store it finds, and ends as the run did', async () => {
    const target = await startTarget()
    const files = folder()
    const plan = `thresholds: ['p95 < 1us']`
    files.write('shop.ts', scriptText({ target: target.url, plan }))
    const inputs = { script: 'shop.ts', arguments: '--duration 2s\n--tag branch=main ' }
    const first = githubIn(files, inputs)
    const ran = await first.step('Run')
    expect([ran.code, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toContain('::error title=Loadstone%3A Threshold failed::p95 < 1us')
    for (const name of ['runs.db', 'summary.json', 'junit.xml', 'summary.md']) {
      expect(existsSync(join(files.path, 'loadstone-results', name))).toBe(true)
    }
    expect(readFileSync(first.summaryFile, 'utf8')).toContain('## ❌ Load test ')
    expect([99, 97]).toContain((await first.step('Verdict')).code)

    files.write('shop.ts', scriptText({ target: target.url }))
    const second = githubIn(files, { ...inputs, strict: 'true' })
    expect((await second.step('Run')).stdout).toContain('::error title=Loadstone%3A The comparison')
    expect(readFileSync(second.summaryFile, 'utf8')).toContain('Compared with the baseline')
    expect([96, 97]).toContain((await second.step('Verdict')).code)

    const third = githubIn(files, { ...inputs, baseline: 'none' })
    expect((await third.step('Run')).stdout).not.toContain('Compared with')
    expect(goodEnds).toContain((await third.step('Verdict')).code)
  })

  test('runs no text of an input as a command', async () => {
    const files = folder()
    const script = '$(touch pwned).ts; touch pwned'
    const github = githubIn(files, { script, arguments: '; touch pwned $(touch pwned)' })
    expect((await github.step('Run')).stderr).toContain('error: ')
    expect((await github.step('Verdict')).code).toBe(2)
    expect(existsSync(join(files.path, 'pwned'))).toBe(false)
  })

  test('writes one comment and replaces it; a token without rights is a warning', async () => {
    const files = folder()
    mkdirSync(join(files.path, 'bin'))
    mkdirSync(join(files.path, 'loadstone-results'))
    files.write('loadstone-results/summary.md', '## It held\n')
    const gh = (text: string) => {
      chmodSync(files.write('bin/gh', `#!/bin/bash\necho "$*" >> calls\n${text}\n`), 0o755)
    }
    const tell = () => githubIn(files, { script: 'shop.ts' }).step('Tell the pull request')
    gh(`case "$*" in *--jq*) ;; esac`)
    expect((await tell()).stdout).toBe('')
    gh(`case "$*" in *--jq*) printf '42\\n43\\n' ;; esac`)
    expect((await tell()).stdout).toBe('')
    const calls = readFileSync(join(files.path, 'calls'), 'utf8').trim().split('\n')
    const body = '-F body=@loadstone-results/comment.md'
    expect(calls.filter(call => call.includes('--method'))).toEqual([
      `api --method POST repos/someone/shop/issues/7/comments ${body}`,
      `api --method PATCH repos/someone/shop/issues/comments/42 ${body}`,
    ])
    expect(readFileSync(join(files.path, 'loadstone-results/comment.md'), 'utf8')).toBe(
      '<!-- loadstone shop.ts -->\n## It held\n',
    )
    files.write('loadstone-results/summary.md', '## It held\n' + 'a line of ünï\n'.repeat(9000))
    expect((await tell()).stdout).toBe('')
    const long = readFileSync(join(files.path, 'loadstone-results/comment.md'), 'utf8')
    expect(long.length).toBeLessThan(65_536)
    expect(long).toMatch(/a line of ünï\n\n… the summary of the job has the rest\n$/)
    gh('exit 1')
    const refused = await tell()
    expect(refused.code).toBe(0)
    expect(refused.stdout).toMatch(/^::warning title=Loadstone::The pull request could not be told/)
  })
})

describe('the template for GitLab', () => {
  test('makes what it publishes, and compares with the store of its cache', async () => {
    const target = await startTarget()
    const files = folder()
    files.write('shop.ts', scriptText({ target: target.url }))
    const variables = { ...job.variables, LOAD_SCRIPT: 'shop.ts', LOAD_COMMAND: command }
    const run = () => bash(job.script.join('\n'), files.path, variables)
    const first = await run()
    expect([goodEnds.includes(first.code), first.stderr]).toEqual([true, ''])
    expect((await run()).stdout).toContain('Compared with run')
    const published = [job.artifacts.reports.junit, ...job.cache.flatMap(({ paths }) => paths)]
    for (const path of published) expect(existsSync(join(files.path, path))).toBe(true)
    expect(job.artifacts.paths).toEqual(['loadstone-results/'])
  })
})

describe('docs/ci.md', () => {
  const blocks = [...textOf('docs/ci.md').matchAll(/```yaml\n([\s\S]*?)```/g)]
  const examples = blocks.map(([, text = '']) => parse(text) as unknown)

  test('names inputs and variables that exist', () => {
    interface Use {
      readonly uses?: string
      readonly with?: Readonly<Record<string, unknown>>
    }
    const workflow = examples[0] as { jobs: { load: { steps: Use[] } } }
    const use = workflow.jobs.load.steps.find(({ uses }) => uses?.includes('/loadstone@'))!
    const inputs = Object.keys(action.inputs)
    expect(Object.keys(use.with!).filter(name => !inputs.includes(name))).toEqual([])
    const listed = /Inputs: (.*?);/.exec(textOf('docs/ci.md'))![1]!
    expect([...listed.matchAll(/`([\w-]+)`/g)].map(([, name]) => name)).toEqual(inputs)
    const gitlab = examples[1] as { load: Job; include: { file: string }[] }
    const unknown = Object.keys(gitlab.load.variables).filter(name => !(name in job.variables))
    expect([unknown, gitlab.include[0]!.file]).toEqual([[], templatePath])
  })
})
