import { describe, expect, test } from 'vitest'
import { OptionError, readOptions, type ShopOptions } from './options.ts'

function read(
  args: string[],
  environment: Record<string, string> = {},
  forked = false,
): ShopOptions {
  const options = readOptions({ args, environment, forked })
  if (options === 'help') throw new Error('it showed help')
  return options
}

describe('the shop from the command line', () => {
  test('has its ports, everything else is off', () => {
    expect(read([])).toEqual({
      gatewayPort: 8080,
      controlPort: 8081,
      databaseUrl: undefined,
      mesh: false,
      mutualTls: true,
      replicas: {},
      autoscale: {},
      canaryPercent: 10,
      networkDelayMs: 0,
      telemetry: { otlpUrl: undefined, sampleRatio: 1, b3: false, requestLog: false },
      faults: [],
    })
  })

  test('that a program forked takes free ports', () => {
    const { gatewayPort, controlPort } = read([], {}, true)
    expect([gatewayPort, controlPort]).toEqual([0, 0])
  })

  test('shows its help', () => {
    expect(readOptions({ args: ['-h'], environment: {}, forked: false })).toBe('help')
  })

  test('takes a flag over its variable, and an empty variable for none', () => {
    const environment = { SHOP_PORT: '9000', SHOP_CONTROL_PORT: '', SHOP_MESH: '1' }
    const options = read(['--control-port', '9001'], environment)
    expect(options).toMatchObject({ gatewayPort: 9000, controlPort: 9001, mesh: true })
    expect(read(['--port', '9002'], environment).gatewayPort).toBe(9002)
  })

  test('refuses a variable that is neither yes nor no', () => {
    expect(read([], { SHOP_MESH: '0', SHOP_B3: 'true' })).toMatchObject({ mesh: false })
    expect(() => read([], { SHOP_MESH: 'yes' })).toThrow('SHOP_MESH is "yes"; it must be 1 or 0')
  })

  test('counts replicas by service, from flags or one variable', () => {
    const wanted = { catalog: 2, order: 3 }
    expect(read(['--replicas', 'catalog=2', '--replicas', 'order=3']).replicas).toEqual(wanted)
    expect(read([], { SHOP_REPLICAS: 'catalog=2, order=3' }).replicas).toEqual(wanted)
  })

  test('scales with the rules of a horizontal autoscaler, whose times can be shortened', () => {
    const { autoscale } = read(['--autoscale', 'catalog=2..6@0.7/3s'])
    // 3 s are a fifth of the usual 15 s: so is everything else.
    expect(autoscale.catalog).toMatchObject({
      ...{ minReplicas: 2, maxReplicas: 6, target: 0.7, metric: 'cpu' },
      ...{ syncMs: 3_000, startDelayMs: 1_000, initialReadinessMs: 6_000 },
      ...{ downscaleStabilisationMs: 60_000, toleranceRatio: 0.1 },
    })
    expect(read(['--autoscale', 'cart=1..4']).autoscale.cart).toMatchObject({ syncMs: 15_000 })
  })

  test("reads OpenTelemetry's own variables when no flag says otherwise", () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_PROPAGATORS: 'tracecontext,b3multi',
    }
    expect(read([], environment).telemetry).toMatchObject({
      ...{ otlpUrl: 'http://127.0.0.1:4318', sampleRatio: 0.25, b3: true },
    })
    const flags = ['--otlp', 'http://127.0.0.1:9999', '--sample-ratio', '0.5']
    expect(read(flags, environment).telemetry).toMatchObject({
      ...{ otlpUrl: 'http://127.0.0.1:9999', sampleRatio: 0.5 },
    })
  })

  test('keeps faults as they are written, from flags or one variable', () => {
    const wanted = ['small-pool:service=cart,connectionsMax=1', 'n-plus-one']
    expect(read(wanted.flatMap(fault => ['--fault', fault])).faults).toEqual(wanted)
    expect(read([], { SHOP_FAULTS: wanted.join(';') }).faults).toEqual(wanted)
  })

  test.for([
    [['--port', '70000'], 'port is "70000"; it must be a whole number from 0 to 65535'],
    [['--port', 'x'], 'port is "x"'],
    [['--replicas', 'catalogue=2'], 'the service must be one of gateway, auth'],
    [['--replicas', 'catalog'], 'write it as --replicas catalog=2'],
    [['--replicas', 'catalog=2=3'], 'write it as --replicas catalog=2'],
    [['--replicas', 'storage=2'], 'storage has one process only'],
    [['--replicas', 'catalog=0'], 'from 1 to 20'],
    [['--autoscale', 'catalog=4'], 'write service=MIN..MAX'],
    [['--autoscale', 'catalog'], 'write it as --autoscale catalog=1..4'],
    [['--autoscale', 'catalog=4..2'], 'the maximum of autoscale 4..2 is "2"; it must be a whole'],
    [['--autoscale', 'catalog=1..4@0'], 'the target of autoscale 1..4@0 is "0"'],
    [['--autoscale', 'catalog=1..4@0.5.5'], 'is "0.5.5"'],
    [['--autoscale', 'catalog=1..4@0.5/0s'], 'the time of autoscale 1..4@0.5/0s is "0"'],
    [['--autoscale', 'gateway=1..4'], 'needs --mesh or --replicas gateway=2 too'],
    [['--database-url', 'foo'], 'like postgres://user:password@host:5432/name'],
    [['--database-url', 'mysql://127.0.0.1/shop'], 'like postgres://'],
    [['--fault', 'smal-pool'], 'there is no fault "smal-pool"; there are: '],
    [['--fault', 'small-pool:service=zoo'], 'it must be one of catalog, order'],
    [['--fault', 'small-pool:service'], 'write a fault as name:parameter=value'],
    [['--fault', 'proxy-rate-limit'], 'needs a shop that was started with --mesh'],
    [['--canary-weight', '101'], 'from 0 to 100'],
    [['--network-delay', '0.5'], 'it must be a whole number from 0 to 100'],
    [['--sample-ratio', '2'], 'from 0 to 1'],
    [['--otlp', 'nowhere'], 'it must be a URL'],
    [['--mash'], '--mash'],
    [['extra'], 'extra'],
  ] as const)('refuses %s and says what is right', ([args, words]) => {
    expect(() => read([...args])).toThrow(OptionError)
    expect(() => read([...args])).toThrow(words)
  })
})
