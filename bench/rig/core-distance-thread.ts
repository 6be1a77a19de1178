/**
 * One end of the ping-pong of core-distance.ts: pins itself, then plays when told.
 *
 * The rallies are short because the cores may be busy with the client that is being measured: both
 * ends are on their cores together only now and then, and the shortest rally is one of those
 * moments.
 */
import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

export interface ThreadSetting {
  readonly shared: SharedArrayBuffer
  readonly core: number
  readonly serves: boolean
}

const { shared, core, serves } = workerData as ThreadSetting
const ball = new Int32Array(shared)
const [returned, served, over] = [0, 1, 2]

const ralliesAtMost = 40
const roundsPerRally = 200
/** A core that is busy with something else must not hold the bench up. */
const patienceMs = 60

/** Spins until the ball shows `value`; false when the game is over or took too long. */
function awaitBall(value: number, untilMs: number): boolean {
  for (let spins = 1; ; spins++) {
    const seen = Atomics.load(ball, 0)
    if (seen === value) return true
    if (seen === over) return false
    if (spins % 1000 === 0 && performance.now() > untilMs) return false
  }
}

/** Shortest mean round trip of a rally, ns; NaN when not one was finished. */
function serve(untilMs: number): number {
  let bestNs = NaN
  for (let rally = 0; rally < ralliesAtMost && performance.now() < untilMs; rally++) {
    const fromMs = performance.now()
    for (let round = 0; round < roundsPerRally; round++) {
      Atomics.store(ball, 0, served)
      if (!awaitBall(returned, untilMs)) return bestNs
    }
    const roundNs = ((performance.now() - fromMs) * 1e6) / roundsPerRally
    if (!(bestNs <= roundNs)) bestNs = roundNs
  }
  return bestNs
}

function answerServes(untilMs: number): void {
  while (awaitBall(served, untilMs)) Atomics.store(ball, 0, returned)
}

function play(): number {
  const untilMs = performance.now() + patienceMs
  if (!serves) {
    answerServes(untilMs)
    return NaN
  }
  const bestNs = serve(untilMs)
  Atomics.store(ball, 0, over)
  return bestNs
}

const threadId = basename(readlinkSync('/proc/thread-self'))
execFileSync('taskset', ['-cp', String(core), threadId], { stdio: 'ignore' })
parentPort?.on('message', () => parentPort?.postMessage(play()))
parentPort?.postMessage('ready')
