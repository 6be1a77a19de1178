/** One end of the ping-pong of core-distance.ts: pins itself, then plays when told. */
import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

export interface ThreadSetting {
  readonly shared: SharedArrayBuffer
  readonly core: number
  readonly serves: boolean
}

export const rallies = 5
export const roundsPerRally = 2000
/** A core that is busy with something else must not hold the bench up. */
const patienceMs = 100

const { shared, core, serves } = workerData as ThreadSetting
const ball = new Int32Array(shared)

/** Spins until the ball shows `value`; false when that took too long. */
function awaitBall(value: number, untilMs: number): boolean {
  for (let spins = 0; Atomics.load(ball, 0) !== value; spins++) {
    if (spins % 1000 === 999 && performance.now() > untilMs) return false
  }
  return true
}

/** Shortest mean round trip of the rallies, ns; NaN when the other end did not keep up. */
function play(): number {
  const untilMs = performance.now() + patienceMs
  let bestNs = NaN
  for (let rally = 0; rally < rallies; rally++) {
    const fromMs = performance.now()
    for (let round = 0; round < roundsPerRally; round++) {
      if (serves) Atomics.store(ball, 0, 1)
      if (!awaitBall(serves ? 0 : 1, untilMs)) return NaN
      if (!serves) Atomics.store(ball, 0, 0)
    }
    const roundNs = ((performance.now() - fromMs) * 1e6) / roundsPerRally
    if (!(bestNs <= roundNs)) bestNs = roundNs
  }
  return bestNs
}

const threadId = basename(readlinkSync('/proc/thread-self'))
execFileSync('taskset', ['-cp', String(core), threadId], { stdio: 'ignore' })
parentPort?.on('message', () => parentPort?.postMessage(play()))
parentPort?.postMessage('ready')
