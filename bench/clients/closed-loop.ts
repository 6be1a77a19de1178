/**
 * The simplest closed loop there is, to look at a target with nothing of ours in between: each
 * connection sends, waits for the whole answer, and sends again. It keeps every latency.
 *
 *   node closed-loop.ts <port> <connections> <seconds>
 *
 * prints one JSON line. wrk is no witness here: it "corrects" the percentiles it prints.
 */
import { connect, type Socket } from 'node:net'

export interface ClosedLoopReport {
  readonly requests: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
  readonly max: number
}

const [port = 0, connections = 1, seconds = 1] = process.argv.slice(2).map(Number)
const request = `GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`
const latenciesMs: number[] = []
const endMs = performance.now() + seconds * 1000

/** Answers of the bench's targets come in one piece and the connection has one at a time. */
function loop(socket: Socket): void {
  let sentMs = 0
  const send = () => {
    sentMs = performance.now()
    if (sentMs < endMs) socket.write(request)
    else socket.end()
  }
  socket.setNoDelay(true)
  socket.on('connect', send)
  socket.on('data', () => {
    latenciesMs.push(performance.now() - sentMs)
    send()
  })
}

function report(): ClosedLoopReport {
  const sorted = Float64Array.from(latenciesMs).sort()
  const at = (p: number) => sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? NaN
  return {
    requests: sorted.length,
    ...{ p50: at(50), p90: at(90), p99: at(99), 'p99.9': at(99.9), max: at(100) },
  }
}

for (let index = 0; index < connections; index++) loop(connect(port, '127.0.0.1'))
process.on('exit', () => console.log(JSON.stringify(report())))
