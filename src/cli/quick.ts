import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { UsageError } from '../base/index.ts'
import type { ScriptBundle } from '../plan/index.ts'
import { url as readUrl } from './options/readers.ts'
import type { Flags } from './options/flags.ts'
import { addFlags, readFlags, type FlagName } from './options/read-flags.ts'
import { loadFlags, outputFlags } from './run.ts'
import { conductRun } from './running/conduct-run.ts'
import { prepareRun } from './running/prepare-run.ts'
import type { Finish, Surroundings } from './surroundings.ts'

const flagNames = [
  ...['method', 'header', 'body', ...loadFlags, ...outputFlags],
] as const satisfies readonly FlagName[]

/** `loadstone quick <url>`: a run without a script. */
export function quickCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('quick')
    .description('load one URL without a script (10 users for 10 s unless told otherwise)')
    .argument('<url>', 'http:// or https:// URL')
  return addFlags(command, flagNames)
    .addHelpText(
      'after',
      '\nExample:\n  loadstone quick http://127.0.0.1:8080/health --rate 200/s -d 30s',
    )
    .action(async (url: string) => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      const script = quickScript(requestUrl(url, '<url>'), flags)
      const prepared = await prepareRun({ script, flags, surroundings })
      finish(await conductRun(prepared, { flags, surroundings }))
    })
}

/** Only what can be asked for as it is written: a password would be lost, say. */
function requestUrl(text: string, where: string): string {
  const written = readUrl(text, where)
  if (written.startsWith('unix:')) {
    throw new UsageError(
      'URL',
      `${where}: a socket has no path to ask for; write a script with target: '${written}'`,
    )
  }
  const { username, password } = new URL(written)
  if (username === '' && password === '') return written
  throw new UsageError(
    'TARGET_CREDENTIALS',
    `${where}: the URL carries a user name or password; ` +
      `send them as --header 'authorization: Basic ...'`,
  )
}

/** The script that a user would have written for one URL, as the module it becomes. */
function quickScript(url: string, flags: Flags): ScriptBundle {
  const { origin, pathname, search } = new URL(url)
  const method = flags.method ?? (flags.body === undefined ? 'GET' : 'POST')
  const request = {
    name: `${method} ${pathname}`,
    headers: Object.fromEntries(flags.header ?? []),
    ...(flags.body === undefined ? {} : { body: flags.body }),
  }
  // A ':name' in the URL is meant literally; in a template it would be a parameter.
  const template = `${pathname}${search}`.replace(/:(?=[A-Za-z_])/g, '%3A')
  const options = { target: origin, load: { users: 10, duration: '10s' } }
  const code = [
    `const request = ${JSON.stringify(request)}`,
    'const iteration = user =>',
    `  user.http.request(${JSON.stringify(method)}, ${JSON.stringify(template)}, request)`,
    `const options = { ...${JSON.stringify(options)}, iteration }`,
    `export default { kind: 'loadstone.scenario', name: 'quick', options }`,
    '',
  ].join('\n')
  const sha256 = createHash('sha256').update(code).digest('hex')
  return { code, sha256, scriptPath: resolve('quick') }
}
