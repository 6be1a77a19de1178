import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseExposition } from '../kit/exposition.ts'
import { startTestServer } from '../kit/test-server.ts'
import { autoscalerDefaults, type FromAutoscaler, type ReplicaState } from './contract.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A replica whose queue has this many waiting messages. */
async function startReplica(id: string, waiting: () => number): Promise<ReplicaState> {
  const url = await startTestServer((_, response) => {
    const depth = `messaging_queue_depth{state="waiting"} ${waiting()}\n`
    response.end(`${depth}messaging_queue_depth{state="running"} 99\n`)
  })
  return {
    id,
    metricsUrl: `${url}/metrics`,
    pid: process.pid,
    createdAtUnixMs: 1_000,
    readyAtUnixMs: 2_500,
  }
}

async function startAutoscaler(): Promise<{ child: ChildProcess; metricsUrl: string }> {
  const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [message] = (await once(child, 'message')) as [FromAutoscaler]
  if (message.kind !== 'listening') throw new Error(`it said ${message.kind} first`)
  return { child, metricsUrl: message.metricsUrl }
}

const settings = {
  ...autoscalerDefaults,
  ...({ metric: 'queue', target: 10, syncMs: 40, downscaleStabilisationMs: 0 } as const),
}

describe('the autoscaler process', () => {
  test('says how many replicas a service is to have, and shows why', async () => {
    let depth = 25
    const replicas = [await startReplica('order-1', () => depth)]
    const { child, metricsUrl } = await startAutoscaler()
    const said: FromAutoscaler[] = []
    child.on('message', message => said.push(message as FromAutoscaler))
    child.send({ kind: 'scaled', services: [{ service: 'order', settings, replicas }] })
    await vi.waitFor(() => expect(said).toContainEqual({ ...desired, replicas: 3 }), waiting)

    const { samples } = parseExposition(await (await fetch(metricsUrl)).text())
    const value = (name: string, labels: object) =>
      samples.find(one => one.name === name && matches(one.labels, labels))?.value
    const hpa = { namespace: 'shop', horizontalpodautoscaler: 'order' }
    expect(value('kube_horizontalpodautoscaler_spec_max_replicas', hpa)).toBe(4)
    expect(value('kube_horizontalpodautoscaler_status_current_replicas', hpa)).toBe(1)
    expect(value('kube_horizontalpodautoscaler_status_desired_replicas', hpa)).toBe(3)
    const average = { ...hpa, metric_name: 'messaging_queue_depth', metric_target_type: 'average' }
    expect(value('kube_horizontalpodautoscaler_spec_target_metric', average)).toBe(10)
    expect(value('kube_horizontalpodautoscaler_status_target_metric', average)).toBe(25)
    const limited = { ...hpa, condition: 'ScalingLimited', status: 'false' }
    expect(value('kube_horizontalpodautoscaler_status_condition', limited)).toBe(1)
    const deployment = { namespace: 'shop', deployment: 'order' }
    expect(value('kube_deployment_status_replicas_unavailable', deployment)).toBe(2)
    const pod = { namespace: 'shop', pod: 'order-1' }
    expect(value('kube_pod_created', pod)).toBe(1)
    expect(value('kube_pod_status_ready_time', pod)).toBe(2.5)
    expect(value('kube_pod_status_ready', { ...pod, condition: 'true' })).toBe(1)
    expect(value('kube_pod_status_phase', { ...pod, phase: 'Running' })).toBe(1)

    const events = (await (await fetch(new URL('/events', metricsUrl))).json()) as {
      readonly items: readonly { readonly message: string }[]
    }
    expect(events).toMatchObject({ kind: 'EventList', apiVersion: 'v1' })
    expect(events.items).toHaveLength(1)
    expect(events.items[0]).toMatchObject({
      reason: 'SuccessfulRescale',
      message: 'New size: 3; reason: external metric messaging_queue_depth above target',
      involvedObject: { kind: 'HorizontalPodAutoscaler', name: 'order' },
    })

    // The queue is empty and the shop has done what was asked: back to the lower limit.
    depth = 0
    const three = [...replicas, ...replicas, ...replicas].map((one, index) => ({
      ...{ ...one, id: `order-${index + 1}` },
    }))
    child.send({ kind: 'scaled', services: [{ service: 'order', settings, replicas: three }] })
    await vi.waitFor(() => expect(said).toContainEqual({ ...desired, replicas: 1 }), waiting)
  })

  test('a service that is no longer scaled is left alone and not shown', async () => {
    const replicas = [await startReplica('order-1', () => 25)]
    const { child, metricsUrl } = await startAutoscaler()
    child.send({ kind: 'scaled', services: [{ service: 'order', settings, replicas }] })
    await once(child, 'message')
    child.send({ kind: 'scaled', services: [] })
    await vi.waitFor(async () => {
      expect(parseExposition(await (await fetch(metricsUrl)).text()).samples).toEqual([])
    }, waiting)
  })

  test('another path is 404 with a problem document', async () => {
    const { metricsUrl } = await startAutoscaler()
    const answer = await fetch(new URL('/scale', metricsUrl))
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('it ends when the shop is gone, and on SIGTERM', async () => {
    const one = await startAutoscaler()
    one.child.disconnect()
    expect(await once(one.child, 'exit')).toEqual([0, null])
    const other = await startAutoscaler()
    other.child.kill('SIGTERM')
    expect(await once(other.child, 'exit')).toEqual([0, null])
  })

  test('without a shop it does not start', () => {
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toContain('the autoscaler is started by the shop')
  })
})

const desired = { kind: 'desired', service: 'order' } as const
const waiting = { timeout: 15_000 }

function matches(labels: Readonly<Record<string, string>>, wanted: object): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value)
}
