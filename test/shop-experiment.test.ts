import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readLabel, readRecording, type Recording } from '../demo/src/experiment/recording.ts'
import { seriesOf, timesOf } from '../demo/src/experiment/series/series-recorder.ts'
import { decodeTrace } from '../demo/src/experiment/traces/skeletons.ts'
import { decodeWindows } from '../demo/src/experiment/windows/client-windows.ts'
import { mergeLatencies, percentileUs } from '../demo/src/experiment/windows/latency.ts'

const program = fileURLToPath(new URL('../demo/src/experiment/main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<number | null>
}

/** The command with a folder for temporary files of its own, so that what it leaves is seen. */
function start(args: readonly string[], temporary: string): Started {
  const env = { ...process.env, TMPDIR: temporary, SHOP_DATABASE_URL: '' }
  const child = spawn(process.execPath, [program, ...args], { env })
  onTestFinished(() => void child.kill('SIGTERM'))
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, output: () => text, ended }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-experiment-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // PostgreSQL runs as another user when we are root, and must be able to enter.
  await chmod(folder, 0o755)
  return folder
}

/** Windows that lie in a span of time, and what failed in them. */
function within({ windows }: Recording, fromMs: number, toMs: number) {
  const inside = decodeWindows(windows).filter(({ second, seconds }) => {
    return second * 1_000 >= fromMs && (second + seconds) * 1_000 <= toMs
  })
  const names = inside.flatMap(window => window.names.filter(({ kind }) => kind === 'request'))
  const failures = names.reduce((sum, { failed }) => sum + failed.count, 0)
  return { requests: names.reduce((sum, { ok }) => sum + ok.count, failures), failures }
}

/** Every name's figures of the whole run, from its windows and as the product reported them. */
function expectSameFigures({ windows, load }: Recording): void {
  const reported = load['requests'] as readonly {
    readonly scenario: string
    readonly name: string
    readonly failures: number
    readonly latencyMs: Readonly<Record<'min' | 'p50' | 'p95' | 'p99' | 'max', number>>
  }[]
  const all = decodeWindows(windows).flatMap(({ names }) => names)
  expect(reported.length).toBeGreaterThan(5)
  for (const { scenario, name, failures, latencyMs } of reported) {
    const own = all.filter(one => one.scenario === scenario && one.name === name)
    const latency = mergeLatencies(own.flatMap(({ ok, failed }) => [ok, failed]))
    const ms = (percent: number) => Math.round(percentileUs(latency, percent) ?? Number.NaN) / 1_000
    expect(own.reduce((sum, { failed }) => sum + failed.count, 0)).toBe(failures)
    const percents = { min: 0, p50: 50, p95: 95, p99: 99, max: 100 } as const
    for (const [figure, percent] of Object.entries(percents)) {
      const told = latencyMs[figure as keyof typeof percents]
      // Reports round to 1 µs.
      expect(Math.abs(ms(percent) - told), `${figure} of ${name}`).toBeLessThan(0.0011)
    }
  }
}

/** What a counter of a service came to, all its series together. */
function totalOf({ series }: Recording, service: string, name: string): number {
  const tops = series.targets
    .filter(({ labels }) => labels['service'] === service)
    .flatMap(target => seriesOf(series, target))
    .filter(one => one.name === name)
    .map(({ values }) => Math.max(0, ...values.filter(value => value !== undefined)))
  return tops.reduce((sum, one) => sum + one, 0)
}

describe('an experiment', () => {
  test('records what was seen of a fault, and its label apart from it', async () => {
    const folder = await temporaryFolder()
    const out = join(folder, 'out')
    const temporary = await temporaryFolder()
    const args = [
      ...['--fault', 'rate-limit', '--parameters', 'service=gateway,requestsPerSecond=1'],
      ...['--rate', '10', '--duration', '12s', '--fault-at', '4', '--fault-for', '4'],
      ...['--seed', '7', '--sample-ratio', '1', '--scrape-interval', '1s', '--window', '1s'],
      ...['--out', out],
    ]
    const run = start(args, temporary)
    expect(await run.ended, run.output()).toBe(0)
    expect(run.output()).toContain('during rate-limit')

    const label = await readLabel(out)
    expect(label).toMatchObject({
      seed: 7,
      fault: {
        ...{ name: 'rate-limit', family: 'F15', label: { service: 'gateway', pattern: 'P15' } },
        parameters: { service: 'gateway', requestsPerSecond: 1 },
      },
    })
    const { setAtMs = 0, clearAskedAtMs = 0, clearedAtMs = 0 } = label.fault ?? {}
    expect(setAtMs).toBeGreaterThan(3_000)
    expect(clearAskedAtMs - setAtMs).toBeGreaterThan(3_000)

    const recording = await readRecording(out)
    expect(JSON.stringify(recording)).not.toContain('rate-limit')
    const during = within(recording, setAtMs, clearAskedAtMs)
    expect(during.failures).toBeGreaterThan(during.requests / 2)
    const calm = [within(recording, 0, setAtMs - 1_000), within(recording, clearedAtMs, 20_000)]
    for (const { requests, failures } of calm) {
      expect(requests).toBeGreaterThan(0)
      expect(failures).toBeLessThan(during.failures / 4)
    }

    expectSameFigures(recording)

    // What clients counted and what the gateway counted are the same requests.
    const counted = within(recording, 0, Infinity).requests
    const served = totalOf(recording, 'gateway', 'http_server_request_duration_seconds_count')
    expect(served).toBeGreaterThanOrEqual(counted * 0.9)
    for (const target of recording.series.targets) {
      const times = timesOf(target)
      expect(times.length).toBeGreaterThan(5)
      expect(times.every((time, index) => index === 0 || time >= times[index - 1]!)).toBe(true)
    }

    const { traces } = recording
    expect(traces.traces.length).toBeGreaterThan(20)
    const all = traces.traces.map((_, index) => {
      return decodeTrace(traces, index, recording.clock.startedAtUnixMs)
    })
    const services = new Set(all.flatMap(spans => spans.map(span => span.service)))
    expect([...services]).toEqual(expect.arrayContaining(['gateway', 'catalog', 'pricing']))
    const deepest = all.reduce((one, other) => (other.length > one.length ? other : one))
    expect(deepest.filter(span => span.parentSpanId === '')).toHaveLength(1)

    expect(readdirSync(temporary)).toEqual([])
    const pids = (recording.topology as { processes: readonly { pid: number }[] }).processes
    expect(pids.filter(({ pid }) => isAlive(pid))).toEqual([])

    const again = start(['--healthy', '--out', out], temporary)
    expect(await again.ended).toBe(2)
    expect(again.output()).toContain('holds a recording already')
  })

  test('with its clean twin, the label says whether clients noticed', async () => {
    const temporary = await temporaryFolder()
    const judged = async (requestsPerSecond: number) => {
      const out = join(await temporaryFolder(), 'out')
      const args = [
        ...['--fault', 'rate-limit', '--seed', '7', '--paired', '--out', out],
        ...['--parameters', `service=gateway,requestsPerSecond=${requestsPerSecond}`],
        ...['--rate', '10', '--duration', '16s', '--fault-at', '5', '--fault-for', '6'],
      ]
      const run = start(args, temporary)
      expect(await run.ended, run.output()).toBe(0)
      const clean = join(out, 'clean')
      expect((await readLabel(clean)).fault).toBeNull()
      expect((await readRecording(clean)).profile).toEqual((await readRecording(out)).profile)
      const { damage } = await readLabel(out)
      return { damage, output: run.output() }
    }
    const hard = await judged(1)
    expect(hard.damage).toMatchObject({ silent: false })
    expect(hard.damage?.found).toContainEqual(
      expect.objectContaining({ kind: 'errors', name: 'all requests' }),
    )
    expect(hard.output).toContain('damage: ')
    // Nobody sends ten thousand requests a second here: what is set does nothing.
    const tiny = await judged(10_000)
    const errors = tiny.damage?.found.filter(({ kind }) => kind === 'errors')
    expect(errors).toEqual([])
    expect(tiny.damage?.silent, JSON.stringify(tiny.damage?.found)).toBe(true)
    expect(tiny.output).toContain('silent: ')
  }, 400_000)

  test('Ctrl-C stops everything and leaves nothing', async () => {
    const temporary = await temporaryFolder()
    const out = join(temporary, 'out')
    const run = start(['--healthy', '--duration', '60s', '--rate', '5', '--out', out], temporary)
    await vi.waitFor(() => expect(run.output()).toContain('loading http'), { timeout: 60_000 })
    const url = /loading (\S+)/.exec(run.output())?.[1] ?? ''
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(130)
    expect(run.output()).toContain('stopped; nothing was recorded')
    await expect(fetch(url)).rejects.toThrow()
    await vi.waitFor(() => expect(readdirSync(temporary)).toEqual([]), { timeout: 30_000 })
    expect(existsSync(out)).toBe(false)
  })

  test('wrong input is one sentence and exit code 2, before anything is started', async () => {
    const run = start(['--fault', 'nothing'], tmpdir())
    expect(await run.ended).toBe(2)
    expect(run.output()).toContain('there is no fault "nothing"; --list shows them')
  })

  test('--help and --list explain themselves', async () => {
    const help = start(['--help'], tmpdir())
    expect(await help.ended).toBe(0)
    expect(help.output()).toContain('npm run shop:experiment -- --fault small-pool')
    const list = start(['--list'], tmpdir())
    expect(await list.ended).toBe(0)
    expect(list.output()).toContain('F08 small-pool')
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
