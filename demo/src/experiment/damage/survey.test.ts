import { expect, test } from 'vitest'
import { healthy, run as simulated, type Behaviour } from './testing/simulated-run.ts'
import type { Conducted } from '../experiment.ts'
import { readCommand, type ExperimentOptions } from '../options.ts'
import { formatVersion, type Label } from '../recording.ts'
import { survey } from './survey.ts'
import { encodeWindows } from '../windows/client-windows.ts'

/** While a fault is there, 'small-pool' makes all slow, 'slow-bank' nothing worth a word. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  'small-pool': (second, roll) => ({
    us: healthy(second, roll).us * (second >= 24 && second < 42 ? 6 : 1),
  }),
  'slow-bank': healthy,
}

async function conducted(
  { fault, seed }: ExperimentOptions,
  { valid }: { readonly valid: boolean },
): Promise<Conducted> {
  if (fault?.name === 'hot-row') throw new Error('the shop did not start')
  const behaviour = behaviours[fault?.name ?? ''] ?? healthy
  const times = { askedAtMs: 24e3, setAtMs: 24e3, clearAskedAtMs: 42e3, clearedAtMs: 42e3 }
  const versions = { loadstone: '1', shop: '1', node: '1' }
  const label: Label = {
    ...{ formatVersion, seed, versions },
    fault: fault
      ? { ...fault, ...times, label: { service: 'catalog', pattern: 'P08' }, parameters: { a: 1 } }
      : null,
  }
  return {
    recording: {
      ...{ formatVersion, topology: {}, clock: { startedAtUnixMs: 0 }, exitCode: 0 },
      load: { validity: { valid } },
      windows: encodeWindows([], { windowSeconds: 5 }),
      series: { scrapeIntervalMs: 5_000, types: {}, identities: [], bounds: [], targets: [] },
      traces: { strings: [], attributeSets: [], traces: [], seen: [] },
      events: [],
    },
    ...{ label, gaps: [], seconds: simulated(seed + (fault ? 1 : 0), behaviour) },
  }
}

test('a survey says of every draw whether clients noticed it, and what noise does', async () => {
  const line = '--survey small-pool,slow-bank,hot-row --draws 1 --seed 5 --duration 60s'
  const command = readCommand(line.split(' '), 0)
  if (typeof command === 'string' || !('survey' in command)) throw new Error('not a survey')
  const lines: string[] = []
  const runs: (string | undefined)[] = []
  const surroundings = {
    signal: new AbortController().signal,
    ...{ environment: {}, say: (line: string) => lines.push(line) },
  }
  const exitCode = await survey(command, surroundings, options => {
    runs.push(options.fault?.name)
    return conducted(options, { valid: true })
  })
  expect(exitCode).toBe(1)
  expect(runs).toEqual([undefined, undefined, 'small-pool', 'slow-bank', 'hot-row'])
  expect(lines.map(line => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['fault', 'seed', 'verdict'],
    ['no fault', '5', 'silent'],
    ['small-pool', '5', 'damaged'],
    ['slow-bank', '5', 'silent'],
    ['hot-row', '5', 'not judged the shop did not start'],
    ['1 damaged, 1 silent, 1 not judged'],
  ])
  expect(lines[2]).toMatch(
    /a=1 · p\d\d of .* ms, x [4567][.\d]* \(.* p < 0.001 · \d+ more figures$/,
  )
})

test('a clean run that the machine held up is told with every draw', async () => {
  const command = readCommand(['--survey', 'slow-bank', '--draws', '1', '--duration', '60s'], 5)
  if (typeof command === 'string' || !('survey' in command)) throw new Error('not a survey')
  const lines: string[] = []
  const { signal } = new AbortController()
  const surroundings = { signal, environment: {}, say: (line: string) => lines.push(line) }
  await survey(command, surroundings, options => conducted(options, { valid: false }))
  for (const line of lines.slice(1, 3)) {
    expect(line).toMatch(/ · the machine was too busy for the clean run$/)
  }
})
