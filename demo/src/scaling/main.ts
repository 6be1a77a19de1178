/**
 * The autoscaler's process, forked by the shop: it is told which services are scaled, looks at
 * their replicas' metrics and says how many each is to have; the shop does it. On its own port:
 * GET /metrics (names of kube-state-metrics), GET /events (what was decided). Ends on SIGTERM or
 * when the shop is gone.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Autoscaler } from './autoscaler.ts'
import type { FromAutoscaler, ToAutoscaler } from './contract.ts'
import { eventList } from './event-list.ts'
import { metricsPage } from './metrics-page.ts'
import { readReplica } from './replica-metrics.ts'

if (!process.connected) {
  console.error('the autoscaler is started by the shop: npm run shop -- --autoscale catalog=1..4')
  process.exit(2)
}
process.title = 'shop:autoscaler'
// Ctrl-C reaches the whole terminal group: the shop decides when it stops.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

const autoscaler = new Autoscaler({
  nowMs: () => Date.now(),
  after: (delayMs, work) => {
    const timer = setTimeout(work, delayMs)
    return () => clearTimeout(timer)
  },
  read: readReplica,
  onDesired: (service, replicas) => tell({ kind: 'desired', service, replicas }),
})

const server = createServer((request, response) => {
  void answer(request.url ?? '/', response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  tell({ kind: 'listening', metricsUrl: `http://127.0.0.1:${port}/metrics` })
})

process.on('message', message => autoscaler.update((message as ToAutoscaler).services))
process.once('SIGTERM', end)
process.once('disconnect', end)

function end(): void {
  autoscaler.stop()
  process.exit(0)
}

async function answer(url: string, response: ServerResponse): Promise<void> {
  if (url === '/metrics') {
    const { type, text } = await metricsPage(autoscaler.services)
    response.writeHead(200, { 'content-type': type }).end(text)
    return
  }
  const json = (status: number, type: string, body: object) =>
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
  if (url === '/health') return void json(200, 'application/json', { status: 'ok' })
  if (url === '/events') return void json(200, 'application/json', eventList(autoscaler.events))
  const detail = `there is no ${url}; there are /metrics, /events and /health`
  json(404, 'application/problem+json', { status: 404, title: 'Not Found', detail })
}

function tell(message: FromAutoscaler): void {
  if (process.connected) process.send?.(message)
}
