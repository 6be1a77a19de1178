import { expect, test } from 'vitest'
import { loadstone } from './program.ts'

const commands = ['run', 'quick', 'check', 'demo', 'ui', 'runs', 'report', 'compare']
const parts = ['runs delete', 'runs prune']

const before = `# The command line

<!-- Made from the commands themselves: npx vitest run --project program command-line-page -u -->

\`\`\`
{{help}}
\`\`\`

**Precedence:** a flag wins over the environment, the environment over the script. Every option
has an environment value: \`LOADSTONE_\` and its long name, as in \`LOADSTONE_SPAWN_RATE=5\`;
options that may be given several times separate theirs by commas. \`HTTP_PROXY\`, \`HTTPS_PROXY\`,
\`NO_PROXY\`, \`NO_COLOR\`, \`CI\` and \`GITHUB_STEP_SUMMARY\` are honoured. Loopback targets and
Unix sockets never go through a proxy.

**\`--env-file\`** is an option of Node too, which reads it first wherever it stands: a file that is
not there ends in Node's own words with exit code 9. \`LOADSTONE_ENV_FILE=F\` is read by Loadstone
alone.

**Aliases** that people type: \`--target\` for \`--host\`, \`--vus\` for \`--users\`,
\`--run-time\` for \`--duration\`.

**Keys** in a terminal run: \`w\`/\`W\` 1/10 users more, \`s\`/\`S\` fewer, \`p\` pause and go on,
Enter opens the dashboard (\`--ui\`), Ctrl-C stops gracefully, twice stops at once.

**Exit codes** are explained in [errors.md](errors.md).
`

/** The guide's page, from what the program says of itself. */
async function page(): Promise<string> {
  const helpOf = async (...args: string[]) => (await loadstone([...args, '--help'])).stdout.trim()
  const overview = await helpOf()
  const sections = await Promise.all(
    [...commands, ...parts].map(
      async name => `## ${name}\n\n\`\`\`\n${await helpOf(...name.split(' '))}\n\`\`\`\n`,
    ),
  )
  return [before.replace('{{help}}', overview), ...sections].join('\n')
}

test('the command-line page of the guide says what the commands say', async () => {
  await expect(await page()).toMatchFileSnapshot('../docs/command-line.md')
})

test('every command the program has is on the page', async () => {
  const { stdout } = await loadstone(['--help'])
  const listed = [...stdout.matchAll(/^ {2}(\w+) \[options\]/gm)].map(match => match[1])
  expect(listed).toEqual(commands)
})
