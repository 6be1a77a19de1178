import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, type Launch } from '../rig/process.ts'

/** Another load generator, set up as in the hot-path bench. */
export interface Peer {
  readonly name: string
  /** How to get it; printed when it is absent. */
  readonly install: string
  /** The launch, or undefined when it is not installed. */
  readonly launch: (setting: PeerSetting) => Launch | undefined
}

export interface PeerSetting {
  readonly url: string
  readonly users: number
  readonly seconds: number
  readonly cores: readonly number[]
}

/** Where tools that are no dependency of the project may be installed with npm. */
const toolsFolder = process.env['LOADSTONE_BENCH_TOOLS'] ?? join(tmpdir(), 'loadstone-bench-tools')

const root = join(import.meta.dirname, '..', '..')
const npmPrograms = [join(root, 'node_modules/.bin'), join(toolsFolder, 'node_modules/.bin')]
const script = (name: string) => join(root, 'bench/clients', name)

/** A peer's launch when its program is there. */
function launchOf(
  program: string,
  setting: PeerSetting,
  args: readonly string[],
): Launch | undefined {
  const command = findProgram(program, npmPrograms)
  const env = { TARGET: setting.url, ARTILLERY_DISABLE_TELEMETRY: '1' }
  return command === undefined ? undefined : { command, args, cores: setting.cores, env }
}

const locust = (userClass: 'Fast' | 'Default') => (setting: PeerSetting) =>
  launchOf('locust', setting, [
    ...['-f', script('locustfile.py'), '--headless', '--only-summary', '-H', setting.url],
    ...['-u', String(setting.users), '-r', String(setting.users), '-t', `${setting.seconds}s`],
    userClass,
  ])

export const peers: readonly Peer[] = [
  {
    name: 'autocannon',
    install: 'npm ci',
    launch: setting =>
      launchOf('autocannon', setting, [
        ...['-c', String(setting.users), '-d', String(setting.seconds), '--json', setting.url],
      ]),
  },
  {
    name: 'k6',
    install: 'a k6 binary on the PATH (Debian has no package)',
    launch: setting =>
      launchOf('k6', setting, [
        ...['run', '--vus', String(setting.users), '--duration', `${setting.seconds}s`],
        ...['--no-usage-report', '--quiet', script('k6.js')],
      ]),
  },
  {
    name: 'Locust FastHttpUser',
    install: 'apt-get install python3-locust',
    launch: locust('Fast'),
  },
  { name: 'Locust HttpUser', install: 'apt-get install python3-locust', launch: locust('Default') },
  {
    name: 'Artillery',
    install: `npm install --prefix ${toolsFolder} artillery@2.0.34`,
    // Has no duration for looping users: the bench ends it.
    launch: setting => launchOf('artillery', setting, ['run', '--quiet', script('artillery.yml')]),
  },
]
