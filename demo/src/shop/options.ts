import { parseArgs } from 'node:util'
import { autoscalerDefaults, type AutoscalerSettings } from '../scaling/contract.ts'
import { faultFor } from '../faults/board.ts'
import { faults } from '../faults/catalogue.ts'
import { FaultInputError, parseFault, readParameters } from '../faults/parameters.ts'
import type { TelemetryOptions } from '../protocol.ts'
import { isServiceName, serviceNames, singleServices, type ServiceName } from '../services.ts'

/** How a shop is started. */
export interface ShopOptions {
  /** 0 takes a free one. */
  readonly gatewayPort: number
  /** 0 takes a free one. */
  readonly controlPort: number
  /** A PostgreSQL of one's own; without it the shop starts one and deletes it at the end. */
  readonly databaseUrl: string | undefined
  /** A sidecar proxy beside every service, and a proxy before the gateway. */
  readonly mesh: boolean
  /** Between the sidecars. */
  readonly mutualTls: boolean
  /** Processes by service; one where nothing is said. */
  readonly replicas: Readonly<Partial<Record<ServiceName, number>>>
  readonly autoscale: Readonly<Partial<Record<ServiceName, AutoscalerSettings>>>
  /** Share of recommendations that the canary answers, percent. */
  readonly canaryPercent: number
  /** Round trip of the network between any two processes, ms. */
  readonly networkDelayMs: number
  readonly telemetry: TelemetryOptions
  /** Faults that are set once the shop is ready: 'small-pool' or 'small-pool:connectionsMax=2'. */
  readonly faults: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** A mistake in the command line or the environment; the message says what to write instead. */
export class OptionError extends Error {}

const flags = {
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
  'control-port': { type: 'string' },
  'database-url': { type: 'string' },
  mesh: { type: 'boolean' },
  'no-mtls': { type: 'boolean' },
  replicas: { type: 'string', multiple: true },
  autoscale: { type: 'string', multiple: true },
  'canary-weight': { type: 'string' },
  'network-delay': { type: 'string' },
  otlp: { type: 'string' },
  'sample-ratio': { type: 'string' },
  b3: { type: 'boolean' },
  'request-log': { type: 'boolean' },
  fault: { type: 'string', multiple: true },
} as const

/**
 * The options from arguments and environment (a flag wins over SHOP_<FLAG>), 'help' when that was
 * asked for. Throws OptionError. A forked shop takes free ports unless told otherwise.
 */
export function readOptions(from: {
  readonly args: readonly string[]
  readonly environment: Environment
  readonly forked: boolean
}): ShopOptions | 'help' {
  const { args, environment, forked } = from
  const values = parse(args)
  if (values.help) return 'help'
  const text = (name: keyof typeof flags): string | undefined => {
    const flag = values[name]
    const variable = environment[`SHOP_${name.toUpperCase().replaceAll('-', '_')}`]
    return (typeof flag === 'string' ? flag : variable) || undefined
  }
  const list = (name: 'replicas' | 'autoscale' | 'fault', separator: string): string[] => {
    const variable = environment[name === 'fault' ? 'SHOP_FAULTS' : `SHOP_${name.toUpperCase()}`]
    const inEnvironment = (variable ?? '').split(separator).filter(part => part.trim() !== '')
    return values[name] ?? inEnvironment
  }
  const isSet = (name: 'mesh' | 'b3' | 'request-log' | 'no-mtls') => {
    const variable = `SHOP_${name.toUpperCase().replaceAll('-', '_')}`
    return values[name] ?? isOn(variable, environment[variable])
  }
  const mesh = isSet('mesh')
  const replicas = byService('replicas', 'catalog=2', list('replicas', ','), wanted => {
    return numberIn(`replicas ${wanted}`, wanted, { min: 1, max: 20, whole: true })
  })
  const autoscale = byService('autoscale', 'catalog=1..4', list('autoscale', ','), autoscalerOf)
  if (autoscale.gateway && !mesh && (replicas.gateway ?? 1) === 1) {
    throw new OptionError('autoscale of the gateway needs --mesh or --replicas gateway=2 too')
  }
  return {
    gatewayPort: port('port', text('port'), forked ? 0 : 8080),
    controlPort: port('control-port', text('control-port'), forked ? 0 : 8081),
    databaseUrl: databaseUrl(text('database-url')),
    ...{ mesh, replicas, autoscale },
    mutualTls: !isSet('no-mtls'),
    canaryPercent: numberIn('canary-weight', text('canary-weight') ?? '10', { min: 0, max: 100 }),
    networkDelayMs: numberIn('network-delay', text('network-delay') ?? '0', {
      ...{ min: 0, max: 100, whole: true },
    }),
    telemetry: telemetryOf(environment, {
      ...{ otlp: text('otlp'), sampleRatio: text('sample-ratio'), b3: isSet('b3') },
      requestLog: isSet('request-log'),
    }),
    faults: list('fault', ';').map(fault => settable(fault, mesh)),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values
  } catch (error) {
    throw new OptionError((error as Error).message)
  }
}

/** A switch as a variable: a word that is neither yes nor no is a mistake, and not a no. */
function isOn(variable: string, text = ''): boolean {
  if (['1', 'true'].includes(text)) return true
  if (['', '0', 'false'].includes(text)) return false
  throw new OptionError(`${variable} is "${text}"; it must be 1 or 0`)
}

/** The text is not repeated in an error: it may hold a password. */
function databaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw new OptionError('database-url must be like postgres://user:password@host:5432/name')
}

/** Throws OptionError for a fault that this shop cannot have, or whose parameters are wrong. */
function settable(text: string, mesh: boolean): string {
  try {
    const { name, parameters } = parseFault(text)
    readParameters(faultFor(name, { faults, mesh }), parameters)
    return text
  } catch (error) {
    if (error instanceof FaultInputError) throw new OptionError(`fault: ${error.message}`)
    throw error
  }
}

function port(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  return numberIn(name, text, { min: 0, max: 65_535, whole: true })
}

function numberIn(
  name: string,
  text: string,
  limits: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number {
  const { min, max, whole = false } = limits
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'a whole number' : 'a number'
  throw new OptionError(`${name} is "${text}"; it must be ${kind} from ${min} to ${max}`)
}

/** 'catalog=2' for each; a service named twice counts as written last. */
function byService<T>(
  name: string,
  example: string,
  parts: readonly string[],
  read: (text: string) => T,
): Partial<Record<ServiceName, T>> {
  const found: Partial<Record<ServiceName, T>> = {}
  for (const part of parts) {
    const [service, wanted, ...rest] = part.trim().split('=')
    if (wanted === undefined || rest.length > 0) {
      throw new OptionError(`${name} is "${part}"; write it as --${name} ${example}`)
    }
    if (!isServiceName(service)) {
      const known = serviceNames.filter(one => !singleServices.includes(one)).join(', ')
      throw new OptionError(`${name} is "${part}"; the service must be one of ${known}`)
    }
    if (singleServices.includes(service)) {
      throw new OptionError(`${name} is "${part}"; ${service} has one process only`)
    }
    found[service] = read(wanted)
  }
  return found
}

/** '1..4', or '1..4@0.6' with the target, or '1..4@0.6/2s' with the sync period too. */
function autoscalerOf(text: string): AutoscalerSettings {
  const match = /^(\d+)\.\.(\d+)(?:@([\d.]+))?(?:\/(\d+)s)?$/.exec(text)
  if (!match) {
    throw new OptionError(`autoscale "${text}": write service=MIN..MAX[@TARGET][/SYNCs], e.g. 1..4`)
  }
  const [, min = '', max = '', target, sync] = match
  const of = (part: string) => `the ${part} of autoscale ${text}`
  const minReplicas = numberIn(of('minimum'), min, { min: 1, max: 20, whole: true })
  const maxReplicas = numberIn(of('maximum'), max, { min: minReplicas, max: 20, whole: true })
  const syncS = sync && numberIn(of('time'), sync, { min: 1, max: 120 })
  return {
    ...autoscalerDefaults,
    ...{ minReplicas, maxReplicas },
    ...(target && { target: numberIn(of('target'), target, { min: 0.05, max: 5 }) }),
    ...(syncS && shortTimes(syncS * 1_000)),
  }
}

/** All times of an autoscaler shortened as much as its sync period is. */
function shortTimes(syncMs: number): Partial<AutoscalerSettings> {
  const factor = syncMs / autoscalerDefaults.syncMs
  const { startDelayMs, downscaleStabilisationMs, initialReadinessMs } = autoscalerDefaults
  return {
    syncMs,
    startDelayMs: startDelayMs * factor,
    downscaleStabilisationMs: downscaleStabilisationMs * factor,
    initialReadinessMs: initialReadinessMs * factor,
  }
}

/** OpenTelemetry's own variables count when no flag says otherwise. */
function telemetryOf(
  environment: Environment,
  given: {
    readonly otlp: string | undefined
    readonly sampleRatio: string | undefined
    readonly b3: boolean
    readonly requestLog: boolean
  },
): TelemetryOptions {
  const traces = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']?.replace(/\/v1\/traces$/, '')
  const otlpUrl = given.otlp ?? (traces || environment['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined)
  if (otlpUrl !== undefined && !URL.canParse(otlpUrl)) {
    throw new OptionError(`otlp is "${otlpUrl}"; it must be a URL like http://127.0.0.1:4318`)
  }
  const isRatio = environment['OTEL_TRACES_SAMPLER']?.endsWith('traceidratio') ?? false
  const ratio = isRatio ? environment['OTEL_TRACES_SAMPLER_ARG'] : undefined
  const sampleText = given.sampleRatio ?? (ratio || '1')
  return {
    otlpUrl: otlpUrl?.replace(/\/$/, ''),
    sampleRatio: numberIn('sample-ratio', sampleText, { min: 0, max: 1 }),
    b3: given.b3 || /\bb3/.test(environment['OTEL_PROPAGATORS'] ?? ''),
    requestLog: given.requestLog,
  }
}

export const help = `The Loadstone demo shop: real services over a real PostgreSQL, each a process.

  npm run shop                        on port 8080, control port 8081; Ctrl-C stops it
  npm run shop -- --port 9000 --control-port 9001
  npm run shop -- --mesh --replicas catalog=2 --otlp http://127.0.0.1:4318

Where
  --port N              the shop's public API (8080; 0 takes a free port)
  --control-port N      faults, topology, stock, metrics (8081; 0 takes a free port)
  --database-url URL    a PostgreSQL of your own, in schemas shop_*; otherwise one is started

Topology
  --mesh                a sidecar proxy beside every service, and one before the gateway
  --no-mtls             sidecars talk in plain text
  --replicas S=N        N processes of service S behind a proxy (repeatable)
  --autoscale S=A..B    between A and B processes by CPU, as Kubernetes' HPA does;
                        A..B@0.6 sets the target, A..B@0.6/2s shortens all its times
  --canary-weight P     percent of recommendations that the canary answers (10);
                        x-user-segment: beta-testers always goes there
  --network-delay MS    round trip of each call between services and each statement, as
                        between machines; whole ms (0: all are on one machine)

Telemetry
  --otlp URL            send OpenTelemetry traces there (also OTEL_EXPORTER_OTLP_ENDPOINT)
  --sample-ratio R      share of new traces that are kept, 0 to 1 (1)
  --b3                  read and write B3 headers too
  --request-log         one JSON line a request and service on stdout

Faults
  --fault NAME[:K=V,..] set when the shop is ready (repeatable); while it runs:
                          curl 127.0.0.1:8081/faults
                          curl 127.0.0.1:8081/faults -d '{"name":"small-pool"}'
                          curl 127.0.0.1:8081/faults/small-pool -X DELETE

Every flag is also a variable: SHOP_PORT, SHOP_MESH=1, SHOP_REPLICAS=catalog=2,order=2,
SHOP_FAULTS='small-pool;n-plus-one'. Nothing is left behind, except in a database of your own.`
