/**
 * A target whose latency is known: it answers exactly 5 ms after a request has arrived, and (when
 * told to) does nothing at all for 500 ms of every 5 s. Runs as a process of its own:
 *
 *   node freezing-server.ts <answer ms> <freeze ms> <period ms>
 *
 * and prints its port. The first freeze begins half a period after the first request. While there
 * is work it spins, because a timer of 1 ms would be a fifth of what is measured.
 *
 *   arrivals   |  |  |  |  |  |  |  |  |  |  |  |
 *   server     ─────────┤ frozen        ├─────────
 *   answers      |  |  |                 |||||  |  |
 *                ^5 ms                   ^what came in the freeze is read now, answered in 5 ms
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'

const [answerMs = 5, freezeMs = 0, periodMs = 5000] = process.argv.slice(2).map(Number)
const body = 'loadstone '.repeat(20)
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
)
/** After this long without a request the loop rests until the next one. */
const restAfterMs = 1000

interface Owed {
  readonly socket: Socket
  readonly dueMs: number
}

/** In the order of their due time, because every request waits equally long. */
const owed: Owed[] = []
let firstOwed = 0
let nextFreezeMs = Infinity
let lastArrivalMs = 0
let spinning = false

function arrived(socket: Socket): void {
  const nowMs = performance.now()
  if (nextFreezeMs === Infinity && freezeMs > 0) nextFreezeMs = nowMs + periodMs / 2
  lastArrivalMs = nowMs
  owed.push({ socket, dueMs: nowMs + answerMs })
  if (spinning) return
  spinning = true
  setImmediate(tick)
}

function tick(): void {
  const nowMs = performance.now()
  if (nowMs >= nextFreezeMs) freeze()
  else answerDue(nowMs)
  spinning = nowMs - lastArrivalMs < restAfterMs
  if (spinning) setImmediate(tick)
}

function answerDue(nowMs: number): void {
  for (let next = owed[firstOwed]; next !== undefined && next.dueMs <= nowMs;) {
    next.socket.write(answer)
    next = owed[++firstOwed]
  }
  if (firstOwed < 1024) return
  owed.splice(0, firstOwed)
  firstOwed = 0
}

function freeze(): void {
  const endMs = nextFreezeMs + freezeMs
  // Asleep for most of it, since a sleep may overrun by a fraction of a ms.
  const sleepMs = endMs - performance.now() - 2
  if (sleepMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sleepMs)
  while (performance.now() < endMs);
  nextFreezeMs += periodMs
}

const server = createServer({ noDelay: true }, socket => {
  // Requests have no body and are not pipelined: each ends with an empty line.
  socket.on('data', (data: Buffer) => {
    if (data.subarray(-4).toString('latin1') === '\r\n\r\n') arrived(socket)
  })
  // A client that goes away while it is owed an answer is no fault of this server's.
  socket.on('error', () => socket.destroy())
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log((server.address() as AddressInfo).port)
})
process.on('SIGTERM', () => process.exit(0))
