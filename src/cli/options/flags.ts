import { logLevels, type LogLevel } from '../../base/index.ts'
import { outputKinds, parseOutput, type OutputTarget } from '../../outputs/index.ts'
import {
  duration,
  header,
  keyValue,
  method,
  oneOf,
  path,
  port,
  rate,
  size,
  url,
  whole,
  wordy,
  positive,
} from './readers.ts'

/** What the flags of a command say, read and checked; a flag that was not given is undefined. */
export interface Flags {
  readonly host?: string
  readonly users?: number
  readonly spawnRate?: number
  readonly duration?: string
  readonly rate?: string
  readonly iterations?: number
  readonly stage?: readonly string[]
  readonly workers?: number
  readonly env?: readonly KeyValue[]
  readonly envFile?: string
  readonly scenario?: readonly string[]
  readonly tag?: readonly KeyValue[]
  readonly seed?: number
  readonly insecure?: boolean
  readonly stopTimeout?: string
  readonly warmUp?: string
  readonly exact?: boolean
  readonly allowHost?: readonly string[]
  readonly json?: string
  readonly html?: string
  readonly csv?: string
  readonly junit?: string
  readonly markdown?: string
  readonly hdr?: string
  readonly out?: readonly OutputTarget[]
  readonly baseline?: string
  readonly strict?: boolean
  readonly store?: string
  readonly noStore?: boolean
  readonly ui?: number | 'auto'
  readonly uiPort?: number | 'auto'
  readonly uiHost?: string
  readonly uiToken?: string
  readonly quiet?: boolean
  readonly logLevel?: LogLevel
  readonly once?: boolean
  readonly method?: string
  readonly header?: readonly KeyValue[]
  readonly body?: string
  readonly limit?: number
  readonly olderThan?: string
  readonly maxSize?: string
}

export type KeyValue = readonly [key: string, value: string]

export interface Flag {
  /** As commander writes it: '-u, --users <n>'. */
  readonly flags: string
  readonly help: string
  /** 'list' may be given several times; in the environment its items are separated by commas. */
  readonly kind: 'value' | 'list' | 'switch'
  /** Reads one text; `where` names the flag or the environment variable for the message. */
  readonly read: (text: string, where: string) => unknown
  /** Other long names that people type for it. */
  readonly aliases?: readonly string[]
}

const value = (flags: string, help: string, read: Flag['read'], aliases: string[] = []): Flag => ({
  ...{ flags, help, kind: 'value', read, aliases },
})
const list = (flags: string, help: string, read: Flag['read']): Flag => ({
  ...{ flags, help, kind: 'list', read },
})
const toggle = (flags: string, help: string): Flag => ({
  ...{ flags, help, kind: 'switch', read: () => true },
})

/** Every flag of every command; a command picks its own by name. */
export const allFlags: { readonly [Name in keyof Flags]-?: Flag } = {
  host: value('-H, --host <url>', 'target, instead of the one in the script', url, ['--target']),
  users: value('-u, --users <n>', 'virtual users', whole, ['--vus']),
  spawnRate: value('-r, --spawn-rate <n>', 'users started per second', positive),
  duration: value('-d, --duration <time>', "length of the run: '30s', '5m'", duration, [
    '--run-time',
  ]),
  rate: value('--rate <rate>', "iterations started per second: '50/s' (open model)", rate),
  iterations: value('-i, --iterations <n>', 'iterations in all', whole),
  stage: list('-s, --stage <time:level>', "ramp to a level: '30s:50' or '30s:50/s'", wordy),
  workers: value('-w, --workers <n>', 'worker threads that make the load', whole),
  env: list('-e, --env <K=V>', 'a value of user.env', keyValue),
  envFile: value('--env-file <file>', 'a file of K=V lines for user.env', path),
  scenario: list('--scenario <name>', 'run only this scenario', wordy),
  tag: list('--tag <K=V>', 'a label of the run, kept in its results', keyValue),
  seed: value('--seed <n>', 'start of all random draws', whole),
  insecure: toggle('-k, --insecure', 'accept any TLS certificate'),
  stopTimeout: value(
    '--stop-timeout <time>',
    'time that running iterations get to finish',
    duration,
  ),
  warmUp: value('--warm-up <time>', 'time at the start that is left out of all figures', duration),
  exact: toggle('--exact', 'start iterations within 0.1 ms, at the price of a core per worker'),
  allowHost: list('--allow-host <host>', 'a public host that may be loaded', wordy),
  json: value('--json <file>', 'write the summary as JSON', path),
  html: value('--html <file>', 'write a report to look at, one file for a browser', path),
  csv: value('--csv <prefix>', "write Locust's four CSV files", path),
  junit: value('--junit <file>', 'write thresholds and checks as JUnit XML', path),
  markdown: value('--markdown <file>', 'write the summary as Markdown', path),
  hdr: value('--hdr <prefix>', 'write HDR percentiles (.hgrm) and their log (.hlog)', path),
  out: list('--out <kind=url>', `send figures while the run goes on: ${outputKinds}`, parseOutput),
  baseline: value(
    '--baseline <run>',
    "compare with a stored run: an id, 'last', or another store: results/runs.db#last",
    wordy,
  ),
  strict: toggle('--strict', 'fail (exit code 96) when the comparison cannot tell'),
  store: value('--store <where>', 'where runs are kept: a file, or postgres://...', path),
  noStore: toggle('--no-store', 'keep this run nowhere'),
  ui: value('--ui [port]', 'show the run in a browser, at port 8089 unless told otherwise', port),
  uiPort: value('--ui-port <port>', 'port of the dashboard', port),
  uiHost: value('--ui-host <host>', 'address the dashboard listens on (127.0.0.1)', wordy),
  uiToken: value(
    '--ui-token <token>',
    'secret that opens the dashboard, 16 letters or more',
    wordy,
  ),
  quiet: toggle('--quiet', 'no progress, only the summary'),
  logLevel: value('--log-level <level>', logLevels.join(', '), oneOf(logLevels)),
  once: toggle('--once', 'run one iteration of each scenario and print every exchange'),
  method: value('-X, --method <method>', 'request method', method),
  header: list('--header <name: value>', 'a request header', header),
  body: value('--body <text>', 'request body', text => text),
  limit: value('--limit <n>', 'only the newest so many', whole),
  olderThan: value('--older-than <time>', "runs that began before: '30d', '12h'", duration),
  maxSize: value('--max-size <size>', "the most that may stay: '1GB', '500MB'", size),
}
