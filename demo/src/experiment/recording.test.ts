import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  holdsRecording,
  readLabel,
  readRecording,
  writeExperiment,
  type Label,
  type Recording,
} from './recording.ts'
import { resultTable } from './result-table.ts'
import { encodeWindows, type ClientWindow } from './windows/client-windows.ts'
import { latencyOf } from './windows/testing/latencies.ts'

/** Ten seconds of 10 requests; in seconds 4 to 6 all take 200 ms instead of 20, one fails. */
const seconds = Array.from({ length: 10 }, (_, second): ClientWindow => {
  const isSlow = second >= 4 && second <= 6
  const us = isSlow ? 200_000 : 20_000
  const [ok, failed] = isSlow ? [Array(9).fill(us), [us]] : [Array(10).fill(us), []]
  const counted = { ok: latencyOf(ok), failed: latencyOf(failed) }
  const name = { kind: 'request', scenario: 'visitors', name: 'GET /' } as const
  const names = [{ ...name, ...counted, inFlight: 0.2, statuses: {}, failures: {} }]
  return { second, seconds: 1, names, scenarios: [], generators: [] }
})

const recording: Recording = {
  formatVersion: 2,
  topology: {},
  clock: { startedAtUnixMs: 1_000 },
  windows: encodeWindows(seconds, { windowSeconds: 1 }),
  load: {},
  series: { scrapeIntervalMs: 5_000, types: {}, identities: [], bounds: [], targets: [] },
  traces: { strings: [], attributeSets: [], traces: [], seen: [] },
  events: [],
  exitCode: 0,
}

const label: Label = {
  formatVersion: 2,
  seed: 7,
  fault: {
    ...{ name: 'small-pool', family: 'F08', parameters: {}, random: false },
    label: { service: 'catalog', pattern: 'P08' },
    ...{ askedAtMs: 3_990, setAtMs: 4_000, clearAskedAtMs: 7_000, clearedAtMs: 7_400 },
  },
  versions: { loadstone: '0.1.0', shop: '0.1.0', node: 'v26.0.0' },
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe('a recording', () => {
  test('is written with its label apart, and read again', async () => {
    const folder = join(await temporaryFolder(), 'new')
    expect(await holdsRecording(folder)).toBe(false)
    const written = await writeExperiment(folder, { recording, label })
    expect((await readFile(written.recordingFile)).length).toBe(written.recordingBytes)
    expect(await readRecording(folder)).toEqual(recording)
    expect(await readLabel(folder)).toEqual(label)
    expect(await holdsRecording(folder)).toBe(true)
  })

  test('of another version is refused', async () => {
    const folder = await temporaryFolder()
    const other = gzipSync(JSON.stringify({ ...recording, formatVersion: 1 }))
    await writeFile(join(folder, 'recording.json.gz'), other)
    await expect(readRecording(folder)).rejects.toThrow('format 1 is not 2')
  })
})

describe('resultTable', () => {
  test('tells before, during and after apart; seconds in which it changed are in none', () => {
    const lines = resultTable(seconds, label).split('\n')
    const cells = lines.map(line => line.split(/ {2,}/).filter(cell => cell !== ''))
    // 200 ms between others is the bucket it is in: (1 + 269 / 512) * 2 ** 17 µs.
    expect(cells).toEqual([
      ['seconds', 'requests', 'failed', 'req/s', 'p50 ms', 'p95 ms', 'p99 ms'],
      ['before', '3', '30', '0.0 %', '10.0', '20.0', '20.0', '20.0'],
      ['during small-pool', '3', '30', '10.0 %', '10.0', '200.0', '200.0', '200.0'],
      ['after', '2', '20', '0.0 %', '10.0', '20.0', '20.0', '20.0'],
      ['whole run', '10', '100', '3.0 %', '10.0', '20.0', '199.9', '199.9'],
    ])
  })

  test('a healthy run is one line', () => {
    const lines = resultTable(seconds, { ...label, fault: null }).split('\n')
    expect(lines).toHaveLength(2)
  })
})
